import { readFile } from 'node:fs/promises';
import { StoreError } from '@posthorn/core';
import { expect, it, vi } from 'vitest';

const tests = new Map<string, () => Promise<void>>();

vi.mock('node:test', () => ({
  describe: (_: string, body: () => void) => body(),
  it: (name: string, body: () => Promise<void>) => tests.set(name, body),
}));

it('the README quotes examples/my-store.test.ts, which defines the suite', async () => {
  await import('../examples/my-store.test.ts');
  expect(tests.size).toBeGreaterThan(200);
  for (const body of tests.values()) await expect(body()).rejects.toThrow(StoreError);
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  expect(readme).toContain(await readFile(new URL('../examples/my-store.test.ts', import.meta.url), 'utf8'));
});
