import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { explain, failedPackages } from '../src/failed-tests.js';

let root: string;

function write(path: string, content: unknown, second = 1): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  utimesSync(file, second, second);
}

function task(name: string, exitCode: number | undefined, kind = 'test'): object {
  return {
    task: kind,
    package: name,
    directory: `packages/${name}`,
    logFile: `packages/${name}/.turbo/turbo-test.log`,
    ...(exitCode === undefined ? {} : { execution: { exitCode } }),
  };
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'posthorn-failed-'));
});
afterEach(() => rmSync(root, { recursive: true }));

it('names the packages whose tests failed in the newest run', () => {
  expect(failedPackages(root)).toEqual([]);
  write('.turbo/runs/b.json', { tasks: [task('old', 1)] }, 10);
  write(
    '.turbo/runs/a.json',
    { tasks: [task('good', 0), task('bad', 1), task('cached', undefined), task('bad', 2, 'build')] },
    20,
  );
  expect(failedPackages(root).map(({ name }) => name)).toEqual(['bad']);
});

it('shows the tests that failed, and files that could not be run', () => {
  write('.turbo/runs/a.json', { tasks: [task('bad', 1)] });
  write('packages/bad/.test-report.json', {
    testResults: [
      {
        name: 'one.test.ts',
        status: 'failed',
        message: '',
        assertionResults: [
          { fullName: 'it works', status: 'passed', failureMessages: [] },
          { fullName: 'it holds', status: 'failed', failureMessages: ['\u001b[31mexpected 1 to be 2\u001b[39m'] },
        ],
      },
      { name: 'two.test.ts', status: 'failed', message: 'no such module', assertionResults: [] },
      { name: 'three.test.ts', status: 'passed', message: '', assertionResults: [] },
    ],
  });
  expect(failedPackages(root).flatMap(explain)).toEqual([
    'bad:',
    '  it holds',
    '    expected 1 to be 2',
    '  two.test.ts',
    '    no such module',
  ]);
});

it('shows the end of the log when no test failed', () => {
  write('.turbo/runs/a.json', { tasks: [task('bad', 1)] });
  write('packages/bad/.test-report.json', { testResults: [] });
  write('packages/bad/.turbo/turbo-test.log', ' ✓ a test\nWorker exited unexpectedly\n');
  expect(failedPackages(root).flatMap(explain)).toEqual([
    'bad: no test failed, but the run did; its log ends with',
    'Worker exited unexpectedly',
    '',
  ]);
});

it('points at the log above of what is never cached', () => {
  write('.turbo/runs/a.json', { tasks: [{ ...task('bad', 1), logFile: undefined }] });
  expect(failedPackages(root).flatMap(explain)).toEqual(['bad: no test failed, but the run did; see above']);
  write('packages/bad/.test-report.json', {
    testResults: [{ name: 'one.test.ts', status: 'failed', message: 'no such module', assertionResults: [] }],
  });
  expect(failedPackages(root).flatMap(explain)).toEqual(['bad:', '  one.test.ts', '    no such module']);
});
