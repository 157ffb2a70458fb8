import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Installs what Posthorn is measured against, for the benchmarks alone. */
export function installPeers(): void {
  execFileSync('npm', ['install', '--no-package-lock', '--no-audit', '--no-fund', '--silent'], {
    cwd: fileURLToPath(new URL('../peers/', import.meta.url)),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
