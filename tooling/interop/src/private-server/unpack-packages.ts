import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const CACHE = join(tmpdir(), 'posthorn-private-servers');
const ONLY_DEPENDS = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'].map(
  (relation) => `--no-${relation}`,
);
/** `dpkg -x` would put folders in the place of links to folders. */
const UNPACK = 'dpkg-deb --fsys-tarfile "$1" | tar --extract --keep-directory-symlink --directory "$2"';

/**
 * Fetches Debian packages, and the libraries they need that are not installed here, and unpacks them below a folder,
 * which is kept for the next time. Nothing is installed, and no script of a package runs.
 * @returns the folder, to be laid over the system's own
 * @throws Error when a package cannot be fetched
 */
export async function unpackPackages(name: string, packages: readonly string[]): Promise<string> {
  const root = join(CACHE, name);
  if (await exists(root)) return root;
  await mkdir(CACHE, { recursive: true });
  const making = await mkdtemp(join(CACHE, `${name}-`));
  try {
    const [debs, tree] = [join(making, 'debs'), join(making, 'root')];
    await mkdir(debs);
    await makeMergedTree(tree);
    await fetchPackages(debs, [...packages, ...(await missingLibraries(packages))]);
    for (const file of await readdir(debs)) {
      if (file.endsWith('.deb')) await run('sh', ['-c', UNPACK, 'sh', join(debs, file), tree]);
    }
    // Whoever comes second finds it done.
    await rename(tree, root).catch(async (error: unknown) => {
      if (!(await exists(root))) throw error;
    });
    return root;
  } finally {
    await rm(making, { recursive: true, force: true });
  }
}

/** Packages may put files into /lib, which is /usr/lib. */
async function makeMergedTree(tree: string): Promise<void> {
  await mkdir(join(tree, 'etc'), { recursive: true });
  for (const folder of ['bin', 'lib', 'lib64', 'sbin']) {
    await mkdir(join(tree, 'usr', folder), { recursive: true });
    await symlink(`usr/${folder}`, join(tree, folder));
  }
}

async function fetchPackages(folder: string, packages: readonly string[]): Promise<void> {
  try {
    await run('apt-get', ['download', '-qq', ...packages], { cwd: folder });
  } catch (error) {
    throw new Error(`cannot fetch ${packages.join(' ')}; "apt-get update" may be due`, { cause: error });
  }
}

/** The libraries that packages depend on, whatever the way, and that are not installed. */
async function missingLibraries(packages: readonly string[]): Promise<readonly string[]> {
  const seen = new Set(packages);
  const missing: string[] = [];
  for (let next = [...packages]; next.length > 0; ) {
    const { stdout } = await run('apt-cache', ['depends', ...ONLY_DEPENDS, ...next]);
    const libraries = [...stdout.matchAll(/^[ |]*Depends: (lib[a-z0-9.+-]+)$/gm)].map(([, library]) => library!);
    const unseen = [...new Set(libraries)].filter(
      (library) => !seen.has(library) && !/-perl$|^libc(6$|-)/.test(library),
    );
    for (const library of unseen) seen.add(library);
    next = [];
    for (const library of unseen) if (!(await isInstalled(library))) next.push(library);
    missing.push(...next);
  }
  return missing;
}

async function isInstalled(name: string): Promise<boolean> {
  const found = run('dpkg-query', ['-W', '-f', `\${Status}`, name]);
  return found.then(({ stdout }) => stdout.endsWith('ok installed')).catch(() => false);
}

function exists(path: string): Promise<boolean> {
  return access(path)
    .then(() => true)
    .catch(() => false);
}
