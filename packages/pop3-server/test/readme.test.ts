import { readFile } from 'node:fs/promises';
import { afterEach, expect, it, vi } from 'vitest';

afterEach(() => vi.restoreAllMocks());

it.each([
  ['serve', [['serving POP3 on 127.0.0.1']]],
  ['in-memory', [['+OK Posthorn is ready']]],
  ['protocol', [['LANG'], ['Log in first']]],
])('the README quotes examples/%s.ts, which runs', async (name, expected) => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await import(`../examples/${name}.ts`);
  expect(log.mock.calls).toEqual(expected);
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  expect(readme).toContain(await readFile(new URL(`../examples/${name}.ts`, import.meta.url), 'utf8'));
});
