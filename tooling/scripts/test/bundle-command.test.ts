import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bundleCommand, isStale } from '../src/bundle-command.js';

let root: string;

/** Writes a file as of so many seconds after 2020. */
function write(path: string, second: number, content = ''): void {
  mkdirSync(join(root, dirname(path)), { recursive: true });
  writeFileSync(join(root, path), content);
  utimesSync(join(root, path), 1_577_836_800 + second, 1_577_836_800 + second);
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'posthorn-bundle-'));
  write('packages/cli/package.json', 1, '{ "dependencies": { "@posthorn/wire": "workspace:^", "commander": "1" } }');
  write(
    'packages/cli/src/bin.ts',
    1,
    "import { word } from '@posthorn/wire';\nconst text: string = word;\nconsole.log(text);\n",
  );
  const exports = '{ ".": { "@posthorn/source": "./src/index.ts", "default": "./dist/index.js" } }';
  write('packages/wire/package.json', 1, `{ "name": "@posthorn/wire", "type": "module", "exports": ${exports} }`);
  write('packages/wire/src/index.ts', 1, "export const word: string = 'from the sources';\n");
  write('packages/wire/src/deep/a.ts', 1);
  write('packages/other/package.json', 1, '{}');
  write('packages/other/src/index.ts', 9);
  write('tooling/corpus/src/index.ts', 1);
  mkdirSync(join(root, 'packages/cli/node_modules/@posthorn'), { recursive: true });
  symlinkSync(join(root, 'packages/wire'), join(root, 'packages/cli/node_modules/@posthorn/wire'));
});
afterEach(() => rmSync(root, { recursive: true }));

it('makes one file of the command and all it needs, from the sources', async () => {
  const bundle = await bundleCommand(root);
  expect(spawnSync(process.execPath, [bundle], { encoding: 'utf8' }).stdout).toBe('from the sources\n');
  expect(readdirSync(dirname(bundle))).toEqual(['bin.js']);
});

it('makes it anew only when a source is newer', async () => {
  const bundle = join(root, 'packages/cli/.workspace/bin.js');
  expect(isStale(root, bundle)).toBe(true);
  write('packages/cli/.workspace/bin.js', 5);
  expect(isStale(root, bundle)).toBe(false);
  for (const path of [
    'packages/wire/src/deep/a.ts',
    'packages/cli/src/b.ts',
    'packages/wire/package.json',
    'tooling/corpus/src/b.ts',
  ]) {
    write(path, 7, '{}');
    expect(isStale(root, bundle)).toBe(true);
    write('packages/cli/.workspace/bin.js', 8);
    expect(isStale(root, bundle)).toBe(false);
    write(path, 1, '{}');
    write('packages/cli/.workspace/bin.js', 5);
  }
});
