/** Whether a missing server fails the tests instead of skipping them. */
export const isMandatory: boolean = process.env['POSTHORN_INTEROP'] === 'required';

/**
 * Says in one line that tests are left out because a server is missing, and what to install.
 * @throws Error where the server is mandatory.
 */
export function missingServer(name: string, packages: string): void {
  const line = `${name} is not installed, so the tests against it are skipped: apt-get install ${packages}`;
  if (isMandatory) throw new Error(line);
  process.stderr.write(`${line}\n`);
}
