import { readFileSync } from 'node:fs';
import { EXIT } from './exit-code.ts';
import { main } from './main.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const interruption = new AbortController();

for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    // The first asks politely; the second does not wait.
    if (interruption.signal.aborted) process.exit(EXIT.interrupted);
    interruption.abort();
  });
}
// A reader that went away, as with `| head`, is no failure: the work goes on, and the exit code tells how it ended.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

/** Whoever listens no more leaves SIGHUP to end the process. */
function onHangUp(callback: () => void): () => void {
  process.on('SIGHUP', callback);
  return () => process.off('SIGHUP', callback);
}

const { stdout, stderr } = process;
const { signal } = interruption;
process.exitCode = await main(process.argv.slice(2), { version, signal, onHangUp, stdout, stderr });
process.stdin.unref?.();
