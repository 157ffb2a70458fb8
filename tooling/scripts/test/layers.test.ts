import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const cruiser = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
let folder: string | undefined;

afterEach(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true });
  folder = undefined;
});

/** Runs the workspace's own layering rule over a made-up tree in which `from` holds `source`, and `to` exists. */
function cruise({ from, to, source }: { from: string; to: string; source?: string }): string {
  folder = mkdtempSync(join(tmpdir(), 'posthorn-layers-'));
  cpSync(join(root, '.dependency-cruiser.cjs'), join(folder, '.dependency-cruiser.cjs'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
  for (const path of [from, to]) mkdirSync(join(folder, dirname(path)), { recursive: true });
  writeFileSync(join(folder, to), 'export const here = 1;\n');
  writeFileSync(join(folder, from), source ?? `export { here } from '../../../${to}';\n`);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [cruiser, '--config', '.dependency-cruiser.cjs', '--output-type', 'err', 'packages'],
    { cwd: folder, encoding: 'utf8' },
  );
  return status === 0 ? 'passes' : stdout + stderr;
}

describe('the layering rule', { timeout: 120_000 }, () => {
  it('lets an import go down', () => {
    expect(cruise({ from: 'packages/wire/src/a.ts', to: 'packages/date/src/b.ts' })).toBe('passes');
  });

  it('refuses an import sideways', () => {
    expect(cruise({ from: 'packages/date/src/a.ts', to: 'packages/message-set/src/b.ts' })).toContain('floor-1-date');
  });

  it('refuses an import upwards', () => {
    expect(cruise({ from: 'packages/core/src/a.ts', to: 'packages/wire/src/b.ts' })).toContain('floor-0-core');
  });

  it('refuses Node in a pure package', () => {
    const source = "import 'node:fs';\n";
    expect(cruise({ from: 'packages/wire/src/a.ts', to: 'packages/core/src/b.ts', source })).toContain('pure-packages');
  });

  it('refuses a private package in what is published', () => {
    const found = cruise({ from: 'packages/sync/src/a.ts', to: 'tooling/corpus/src/b.ts' });
    expect(found).toContain('tooling-stays-outside');
  });

  it('lets tests import sideways, but not the command', { timeout: 120_000 }, () => {
    expect(cruise({ from: 'packages/memory/test/a.ts', to: 'packages/maildir/src/b.ts' })).toBe('passes');
    expect(cruise({ from: 'packages/memory/test/a.ts', to: 'packages/cli/src/b.ts' })).toContain('tests-below');
  });
});
