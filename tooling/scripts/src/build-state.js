import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Whether a package lacks its build or has sources newer than it. Follows the command's own dependencies only as far
 * as the folder goes: every package below `packages/` and the generator that is bundled into the command count.
 *
 * @param {string} root - The workspace.
 * @returns {boolean}
 */
export function isBuildStale(root) {
  const packages = readdirSync(join(root, 'packages'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const bundled = newest(join(root, 'tooling/corpus/src'));
  return packages.some(({ name }) => {
    const folder = join(root, 'packages', name);
    const built = statSync(join(folder, 'dist/index.js'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
    const sources = Math.max(newest(join(folder, 'src')), statSync(join(folder, 'package.json')).mtimeMs);
    return built < (name === 'cli' ? Math.max(sources, bundled) : sources);
  });
}

/**
 * @param {string} folder
 * @returns {number} The newest modification time below `folder`, in milliseconds since 1970; 0 when there is none.
 */
function newest(folder) {
  let latest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    latest = Math.max(latest, entry.isDirectory() ? newest(path) : statSync(path).mtimeMs);
  }
  return latest;
}
