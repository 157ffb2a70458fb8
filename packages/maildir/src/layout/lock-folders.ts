import type { Folder } from '../mailbox/folder.ts';

/** Runs a task while holding the mutexes of folders, always taken in the same order. */
export function holdFolders<Result>(
  folders: Iterable<Folder>,
  task: () => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result> {
  return nest(ordered(folders), (folder, inner) => folder.mutex.run(inner, signal), task);
}

/** Runs a task under the locks of folders whose mutexes are held. */
export function lockFolders<Result>(folders: Iterable<Folder>, task: () => Promise<Result>): Promise<Result> {
  const byPath = [...new Set(folders)].sort((left, right) => (left.uidlistPath < right.uidlistPath ? -1 : 1));
  return nest(byPath, (folder, inner) => folder.withLock(inner), task);
}

function ordered(folders: Iterable<Folder>): readonly Folder[] {
  return [...new Set(folders)].sort((left, right) => left.serial - right.serial);
}

function nest<Result>(
  [first, ...rest]: readonly Folder[],
  hold: (folder: Folder, inner: () => Promise<Result>) => Promise<Result>,
  task: () => Promise<Result>,
): Promise<Result> {
  return first === undefined ? task() : hold(first, () => nest(rest, hold, task));
}
