import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';

const HERE = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
let project: string;

// A project of somebody else: the packages installed, and each example in the place of a test.
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'posthorn-examples-'));
  await writeFile(join(project, 'package.json'), '{ "type": "module" }');
  for (const name of ['test-server', 'imap-client']) {
    const folder = join(project, 'node_modules/@posthorn', name);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'package.json'), '{ "type": "module", "exports": "./index.js" }');
    await build({
      entryPoints: [join(HERE, '..', name, 'src/index.ts')],
      outfile: join(folder, 'index.js'),
      bundle: true,
      platform: 'node',
      target: 'node20.19',
      format: 'esm',
      conditions: ['@posthorn/source'],
      banner: {
        js: "import { createRequire as projectRequire } from 'node:module'; const require = projectRequire(import.meta.url);",
      },
      logLevel: 'warning',
    });
  }
  for (const name of ['vitest', 'jest']) {
    await symlink(dirname(require.resolve(`${name}/package.json`)), join(project, 'node_modules', name));
  }
  await mkdir(join(project, 'node_modules/@jest'));
  const globals = createRequire(require.resolve('jest/package.json')).resolve('@jest/globals/package.json');
  await symlink(dirname(globals), join(project, 'node_modules/@jest/globals'));
}, 60_000);
afterAll(() => rm(project, { recursive: true, force: true }));

async function run(file: string, args: readonly string[]): Promise<{ readonly code: number; readonly text: string }> {
  await cp(join(HERE, 'examples', file), join(project, file));
  const { NODE_OPTIONS: _, ...environment } = process.env;
  const child = spawn(process.execPath, args, {
    cwd: project,
    env: {
      ...environment,
      CI: 'true',
      NO_COLOR: '1',
      FORCE_COLOR: undefined,
      VITEST: undefined,
      JEST_WORKER_ID: undefined,
    },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  child.stdout.on('data', (chunk) => (text += chunk));
  child.stderr.on('data', (chunk) => (text += chunk));
  const [code] = (await once(child, 'close')) as [number];
  await rm(join(project, file));
  return { code, text };
}

it('works in vitest', { timeout: 60_000 }, async () => {
  const { code, text } = await run('vitest.test.js', ['node_modules/vitest/vitest.mjs', 'run', 'vitest.test.js']);
  expect({ code, text }).toEqual({ code: 0, text: expect.stringMatching(/2 passed/) });
});

it('works in jest', { timeout: 60_000 }, async () => {
  const jest = ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--rootDir=.', 'jest.test.js'];
  const { code, text } = await run('jest.test.js', jest);
  expect({ code, text }).toEqual({ code: 0, text: expect.stringMatching(/2 passed/) });
});

it('works in node:test', { timeout: 60_000 }, async () => {
  const { code, text } = await run('node.test.js', ['--test', '--test-reporter=tap', 'node.test.js']);
  expect({ code, text }).toEqual({ code: 0, text: expect.stringMatching(/# pass 1/) });
});
