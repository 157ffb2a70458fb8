import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

test('the tests that docs/parity.md names are there', () => {
  const named = [...read('../docs/parity.md').matchAll(/`([a-z0-9-]+)`: "([^"]+)"/g)];
  expect(named.length).toBeGreaterThan(60);
  for (const [, file, words] of named) expect(read(`./${file}.test.ts`), `${file}: ${words}`).toContain(words);
});
