import { expect, it } from 'vitest';
import { bundleSizes, wirePartSizes } from '../src/bundle-size.ts';

const SMALL = 5_000;
const LIMITS = {
  core: SMALL,
  'message-set': SMALL,
  date: SMALL,
  'mailbox-name': SMALL,
  wire: 40_000,
  mime: 20_000,
  threading: 10_000,
};
const PART_LIMIT = 40_000;

it('keeps every package small with all it imports, minified and compressed', async () => {
  for (const { name, alone, whole } of await bundleSizes()) {
    expect(whole, name).toBeLessThan(LIMITS[name]);
    expect(alone, name).toBeLessThanOrEqual(whole);
  }
});

it('keeps what a client, a server or POP3 imports of the wire small', async () => {
  for (const { name, whole } of await wirePartSizes()) expect(whole, name).toBeLessThan(PART_LIMIT);
});
