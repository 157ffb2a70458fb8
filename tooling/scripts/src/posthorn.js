// Runs the command `posthorn` from the workspace: builds it first when sources are newer than the build, and
// then becomes it, in this very process, so that signals and exit codes are the command's own.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isBuildStale, markBuilt } from './build-state.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const entry = `${root}packages/cli/dist/bin.js`;
const lock = `${root}node_modules/.posthorn-build`;

/** @returns {number} The exit code of the build. */
function build() {
  const turbo = `${root}node_modules/turbo/bin/turbo`;
  const args = ['run', 'build', '--filter=posthorn...', '--output-logs=errors-only'];
  // Its output goes to standard error: standard output belongs to the command.
  const { status } = spawnSync(process.execPath, [turbo, ...args], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status === 0) markBuilt(root);
  return status ?? 1;
}

/**
 * One builder at a time: others wait for it, and take over a lock older than three minutes.
 *
 * @param {() => number} work
 * @returns {Promise<number>} What the work answered.
 */
async function locked(work) {
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch {
      const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
      if (age > 180_000) rmSync(lock, { recursive: true, force: true });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  try {
    return work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

if (isBuildStale(root)) {
  const exitCode = await locked(() => (isBuildStale(root) ? build() : 0));
  if (exitCode !== 0) process.exit(exitCode);
}
// pnpm does not hand on a SIGTERM before it dies of it; that its child is an orphan tells the same.
const parent = process.ppid;
setInterval(() => process.ppid === parent || process.kill(process.pid, 'SIGTERM'), 200).unref();
// pnpm runs scripts in the workspace root; paths on the command line are meant from where the user stands.
if (process.env['INIT_CWD']) process.chdir(process.env['INIT_CWD']);
process.argv[1] = entry;
await import(pathToFileURL(entry).href);
