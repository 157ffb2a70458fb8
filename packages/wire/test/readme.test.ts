import { readFileSync } from 'node:fs';
import { formatWithOptions } from 'node:util';
import { afterEach, expect, test, vi } from 'vitest';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

afterEach(() => {
  vi.restoreAllMocks();
});

test.each(['first', 'extensions'])('the example %s of the README prints what it says', async (name) => {
  const example = read(`../examples/${name}.ts`);
  expect(read('../README.md')).toContain(`\`\`\`ts\n${example}\`\`\``);
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await import(`../examples/${name}.ts`);
  const promised = [...example.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, value]) => value);
  expect(promised.length).toBeGreaterThan(0);
  expect(log.mock.calls.map((values) => formatWithOptions({ colors: false }, ...values))).toEqual(promised);
});
