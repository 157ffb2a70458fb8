/** Megabytes per second over the corpus and hostile input: `npx vitest bench`. */
import { generateMessages } from '@posthorn/corpus';
import { bench, describe } from 'vitest';
import { scanMessage } from '../src/index.ts';

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
const sets: Readonly<Record<string, readonly Uint8Array[]>> = {
  'realistic corpus': [...generateMessages({ seed: 1, count: 500 })].map(({ bytes }) => bytes),
  'small corpus': [...generateMessages({ seed: 1, count: 2000, size: 'small' })].map(({ bytes }) => bytes),
  '1 MiB of addresses': [ascii(`To: ${'a@b,'.repeat(262_144)}\r\n\r\n`)],
  '1 MiB of header lines': [ascii(`${'a:b\r\n'.repeat(209_716)}\r\n`)],
  '1 MiB of dashes': [
    ascii(
      `Content-Type: multipart/mixed; boundary=${'-'.repeat(70)}x\r\n\r\n${`${'-'.repeat(70)}\r\n`.repeat(14_564)}`,
    ),
  ],
};

for (const [name, messages] of Object.entries(sets)) {
  const megabytes = messages.reduce((sum, { length }) => sum + length, 0) / 1e6;
  describe(`${name}, ${megabytes.toFixed(1)} MB a round`, () => {
    bench('scanMessage', () => {
      for (const message of messages) scanMessage(message);
    });
  });
}
