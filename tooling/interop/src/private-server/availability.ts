import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';
import { findProgram, isMandatory } from '@posthorn/testkit';

const run = promisify(execFile);
const PROGRAMS = ['apt-cache', 'apt-get', 'dpkg', 'dpkg-query', 'mount', 'unshare'];

/**
 * Whether servers can run here from packages that are not installed. Where not, says in one line what is missing.
 * @throws Error where the tests are mandatory.
 */
export async function canRunPrivately(name: string): Promise<boolean> {
  const missing = await whatIsMissing();
  if (missing === undefined) return true;
  const line = `the tests that need a private ${name} are skipped: ${missing}`;
  if (isMandatory) throw new Error(line);
  process.stderr.write(`${line}\n`);
  return false;
}

async function whatIsMissing(): Promise<string | undefined> {
  const absent = PROGRAMS.filter((program) => findProgram([program]) === undefined);
  if (absent.length > 0) return `${absent.join(', ')} not found (Debian's apt and util-linux are needed)`;
  if (userInfo().uid !== 0) return 'only root can give a server a view of the file system of its own';
  try {
    await run('unshare', ['--mount', '--pid', '--fork', 'true']);
    return undefined;
  } catch {
    return 'unshare is not permitted here (CAP_SYS_ADMIN is needed)';
  }
}
