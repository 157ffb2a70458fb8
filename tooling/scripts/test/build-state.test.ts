import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isBuildStale, markBuilt } from '../src/build-state.js';

let root: string;

/** Writes a file as of so many seconds after 2020. */
function write(path: string, second: number, content = ''): void {
  mkdirSync(join(root, dirname(path)), { recursive: true });
  writeFileSync(join(root, path), content);
  utimesSync(join(root, path), 1_577_836_800 + second, 1_577_836_800 + second);
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'posthorn-build-'));
  write('packages/cli/package.json', 1, '{ "dependencies": { "@posthorn/wire": "workspace:^", "commander": "1" } }');
  write('packages/wire/package.json', 1, '{}');
  write('packages/other/package.json', 1, '{}');
  write('packages/other/src/index.ts', 9);
  write('packages/wire/src/deep/a.ts', 2);
  write('packages/cli/src/index.ts', 3);
  write('tooling/corpus/src/index.ts', 3);
  write('packages/cli/dist/index.js', 5);
  write('packages/wire/dist/index.js', 5);
});
afterEach(() => rmSync(root, { recursive: true }));

it('is content with builds newer than the sources of the command and all it needs', () => {
  expect(isBuildStale(root)).toBe(false);
});

it.each([
  'packages/wire/src/deep/a.ts',
  'packages/cli/src/b.ts',
  'packages/wire/package.json',
  'tooling/corpus/src/b.ts',
])('notices that %s is newer', (path) => {
  write(path, 7, '{}');
  expect(isBuildStale(root)).toBe(true);
  markBuilt(root);
  expect(isBuildStale(root)).toBe(false);
});

it('notices a package that was never built', () => {
  rmSync(join(root, 'packages/wire/dist'), { recursive: true });
  expect(isBuildStale(root)).toBe(true);
});
