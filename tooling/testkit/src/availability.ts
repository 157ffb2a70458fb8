import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Whether a missing program fails the tests that need it instead of skipping them. */
export const isMandatory: boolean = process.env['POSTHORN_INTEROP'] === 'required';

/** Where a program is installed, or undefined. The first of its names that is found wins. */
export function findProgram(names: readonly string[]): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

/**
 * Says in one line that tests are left out because a program is missing, and what to install.
 * @throws Error where the program is mandatory.
 */
export function missingProgram(name: string, packages: string): void {
  const line = `${name} is not installed, so the tests that need it are skipped: apt-get install ${packages}`;
  if (isMandatory) throw new Error(line);
  process.stderr.write(`${line}\n`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
