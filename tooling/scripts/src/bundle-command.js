import { mkdirSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/**
 * Bundles the command, and every package it stands on, from the sources into one file, unless that is newer than they.
 * A second process that does the same at the same time is harmless: the file is put in place in one step.
 *
 * @param {string} root - The workspace.
 * @returns {Promise<string>} The file. It lies beside the command's `src`, as its build does.
 */
export async function bundleCommand(root) {
  const command = join(root, 'packages/cli');
  const bundle = join(command, '.workspace/bin.js');
  if (!isStale(root, bundle)) return bundle;
  const draft = join(command, `.workspace/bin.${process.pid}.js`);
  mkdirSync(dirname(draft), { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: [join(command, 'src/bin.ts')],
    outfile: draft,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    conditions: ['@posthorn/source'],
    sourcemap: 'inline',
    plugins: [nativePackage(root, 'maildir', 'lmdb')],
    // Packages in CommonJS ask for what Node has through `require`.
    banner: {
      js: "import { createRequire as workspaceRequire } from 'node:module'; const require = workspaceRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  renameSync(draft, bundle);
  return bundle;
}

/**
 * Leaves a package with parts in machine code where it is installed.
 *
 * @param {string} root
 * @param {string} owner - The package of the workspace that depends on it.
 * @param {string} name
 * @returns {import('esbuild').Plugin}
 */
function nativePackage(root, owner, name) {
  const { resolve } = createRequire(join(root, 'packages', owner, 'package.json'));
  return {
    name: 'native-package',
    setup: ({ onResolve }) =>
      onResolve({ filter: new RegExp(`^${name}$`) }, () => ({
        path: pathToFileURL(resolve(name)).href,
        external: true,
      })),
  };
}

/**
 * Whether the bundle is missing, or older than a source of the command or of a package it needs.
 *
 * @param {string} root
 * @param {string} bundle
 * @returns {boolean}
 */
export function isStale(root, bundle) {
  const made = statSync(bundle, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const folders = [...packagesBelow(root, 'cli')].map((name) => join(root, 'packages', name));
  // The generator of the demo's mail is private to the workspace.
  const sources = [...folders.map((folder) => join(folder, 'src')), join(root, 'tooling/corpus/src')];
  const manifests = folders.map((folder) => statSync(join(folder, 'package.json')).mtimeMs);
  return Math.max(...sources.map(newest), ...manifests) > made;
}

/**
 * The folders below `packages/` that one of them needs, itself included.
 *
 * @param {string} root
 * @param {string} name
 * @param {Set<string>} found
 * @returns {Set<string>}
 */
function packagesBelow(root, name, found = new Set()) {
  if (found.has(name)) return found;
  found.add(name);
  const { dependencies = {} } = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'));
  for (const dependency of Object.keys(dependencies)) {
    if (dependency.startsWith('@posthorn/')) packagesBelow(root, dependency.slice('@posthorn/'.length), found);
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
