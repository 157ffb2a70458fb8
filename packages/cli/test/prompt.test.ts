import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findProgram, missingProgram } from '@posthorn/testkit';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';

const script = findProgram(['script']);
if (script === undefined) missingProgram('script', 'bsdutils');

const require = createRequire(import.meta.url);
const LOADER = require.resolve('tsx');
const COMMAND = fileURLToPath(new URL('../src/bin.ts', import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'posthorn-prompt-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs the command on a terminal of its own, and types an answer whenever it asks. What was shown, and its exit code. */
function onTerminal(args: readonly string[], answers: readonly string[]): Promise<{ shown: string; exitCode: number }> {
  const environment = { ...process.env, POSTHORN_PASSWORD: '', NODE_OPTIONS: '' };
  const line = [process.execPath, '--conditions=@posthorn/source', '--import', LOADER, COMMAND, ...args].join(' ');
  const child = spawn(script!, ['-qec', line, '/dev/null'], { env: environment, stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  // What is typed to a command that ended already is lost, as on any terminal.
  child.stdin.on('error', () => {});
  const left = [...answers];
  let [shown, asked] = ['', 0];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
    const questions = shown.match(/: /g)?.length ?? 0;
    for (; asked < questions && left.length > 0; asked++) child.stdin.write(`${left.shift()}\r`);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ shown, exitCode: exitCode ?? -1 }));
  });
}

describe.skipIf(script === undefined)('a new password on a terminal', () => {
  const add = (...answers: string[]) => onTerminal(['user', 'add', 'alice', '--users', join(folder, 'users')], answers);

  it('is asked for twice, and never shown', async () => {
    const { shown, exitCode } = await add('open sesame', 'open sesame');
    expect(shown).toMatch(/^New password for alice: \s*The same again: \s*added alice/);
    expect(exitCode).toBe(0);
    expect(await readdir(folder)).toEqual(['users']);
  }, 30_000);

  it('is refused when a finger slipped', async () => {
    const { shown, exitCode } = await add('open sesame', 'open sesam');
    expect(shown).toMatch(/the two passwords differ/);
    expect(shown).not.toContain('sesam');
    expect(exitCode).toBe(2);
    expect(await readdir(folder)).toEqual([]);
  }, 30_000);
});
