import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findProgram } from '@posthorn/testkit';
import { expect, test } from 'vitest';
import { finish } from './run-command.ts';

const UNIT = fileURLToPath(new URL('../examples/posthorn.service', import.meta.url));
const analyze = findProgram(['systemd-analyze']);

test('the unit starts the command with options it knows', async () => {
  const unit = await readFile(UNIT, 'utf8');
  const line = /^ExecStart=(\S+) ((?:.*\\\n)*.*)$/m.exec(unit);
  expect(line?.[1]).toBe('/usr/bin/posthorn');
  const args = line![2]!.replaceAll('\\\n', ' ').trim().split(/\s+/);
  // All that is wrong with them is that there is no such certificate here.
  const { exitCode, stderr } = await finish(...args.map((arg) => arg.replace('/etc/posthorn/', '/nonexistent/')));
  expect(stderr).toBe('posthorn: --tls-cert: cannot read /nonexistent/cert.pem: ENOENT\n');
  expect(exitCode).toBe(2);
});

test.skipIf(analyze === undefined)('systemd finds nothing wrong with the unit', async () => {
  const { stderr } = await promisify(execFile)(analyze!, ['verify', '--man=no', UNIT]).catch(
    (error: { stderr: string }) => error,
  );
  // That the command is not installed here is no fault of the unit.
  const complaints = stderr
    .split('\n')
    .filter((line) => line.includes('posthorn.service') && !line.includes('/usr/bin/posthorn'));
  expect(complaints).toEqual([]);
});
