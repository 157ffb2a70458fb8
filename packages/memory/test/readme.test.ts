import { readFile } from 'node:fs/promises';
import { afterEach, expect, it, vi } from 'vitest';

afterEach(() => vi.restoreAllMocks());

it.each([
  ['use', 'Subject: Hello\r\n\r\nHi!\r\n'],
  ['load', '2 messages'],
])('the README quotes examples/%s.ts, which runs', async (name, expected) => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await import(`../examples/${name}.ts`);
  expect(log).toHaveBeenCalledWith(expected);
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  expect(readme).toContain(await readFile(new URL(`../examples/${name}.ts`, import.meta.url), 'utf8'));
});
