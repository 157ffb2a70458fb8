import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const HERE = new URL('./', import.meta.url);

/** A page says which test proves what: a file of this folder, and words of the title of a test in it. */
describe.each(['extensions.md', 'parity.md'])('the tests that docs/%s names', (page) => {
  const text = readFileSync(new URL(`../docs/${page}`, HERE), 'utf8');
  const named = [...text.matchAll(/`([a-z-]+\.test\.ts)`(?: "([^"]+)")?/g)].map(
    ([, file, title]) => [file!, title] as const,
  );
  const interop = new URL('../../../tooling/interop/test/', HERE);

  test('are there', () => {
    expect(named.length).toBeGreaterThan(20);
    for (const [file, title] of named) {
      const place = [HERE, interop].map((folder) => new URL(file, folder)).find((each) => existsSync(each));
      expect([file, place !== undefined]).toEqual([file, true]);
      const isTitled = title === undefined || readFileSync(place!, 'utf8').includes(title);
      expect([file, title, isTitled]).toEqual([file, title, true]);
    }
  });
});
