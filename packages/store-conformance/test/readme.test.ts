import { readFile } from 'node:fs/promises';
import { expect, it, vi } from 'vitest';

// The example runs with node:test, and here with this runner: the store in it keeps every promise.
vi.mock('node:test', async () => {
  const { describe, it } = await import('vitest');
  return { describe, it };
});

it('the README quotes examples/tiny-store.test.ts', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  expect(readme).toContain(await readFile(new URL('../examples/tiny-store.test.ts', import.meta.url), 'utf8'));
});

await import('../examples/tiny-store.test.ts');
