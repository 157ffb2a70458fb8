import { readdirSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Whether the command, or a package it stands on, lacks its build or has sources newer than it.
 *
 * @param {string} root - The workspace.
 * @returns {boolean}
 */
export function isBuildStale(root) {
  // The generator of the demo's mail is bundled into the command.
  const bundled = newest(join(root, 'tooling/corpus/src'));
  return [...closure(root, 'cli')].some((name) => {
    const folder = join(root, 'packages', name);
    const built = statSync(join(folder, 'dist/index.js'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
    const sources = Math.max(newest(join(folder, 'src')), statSync(join(folder, 'package.json')).mtimeMs);
    return built < (name === 'cli' ? Math.max(sources, bundled) : sources);
  });
}

/**
 * Notes that the build is as new as the sources: one that comes out of turbo's cache carries the time it was made.
 *
 * @param {string} root - The workspace.
 */
export function markBuilt(root) {
  const now = new Date();
  for (const name of closure(root, 'cli')) utimesSync(join(root, 'packages', name, 'dist/index.js'), now, now);
}

/**
 * The folders below `packages/` that one of them needs, itself included.
 *
 * @param {string} root
 * @param {string} name
 * @param {Set<string>} found
 * @returns {Set<string>}
 */
function closure(root, name, found = new Set()) {
  if (found.has(name)) return found;
  found.add(name);
  const { dependencies = {} } = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'));
  for (const dependency of Object.keys(dependencies)) {
    if (dependency.startsWith('@posthorn/')) closure(root, dependency.slice('@posthorn/'.length), found);
  }
  return found;
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
