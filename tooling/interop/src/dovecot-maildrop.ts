import { spawn } from 'node:child_process';
import { accessSync, chmodSync, constants } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { giveTo, mailOwner } from './mail-owner.ts';

const POP3 = ['/usr/lib/dovecot/pop3', '/usr/libexec/dovecot/pop3', '/usr/local/libexec/dovecot/pop3'];

/** Where Dovecot's POP3 server is installed, or undefined. */
export function findDovecotPop3(): string | undefined {
  return POP3.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** What Dovecot answers to commands about a Maildir, whose owner it becomes. The session is logged in from the start. */
export async function dovecotPop3(
  folder: string,
  maildir: string,
  commands: readonly string[],
): Promise<readonly string[]> {
  const owner = await mailOwner();
  const configuration = join(folder, 'dovecot-pop3.conf');
  await writeFile(
    configuration,
    `mail_location = maildir:${maildir}
log_path = ${folder}/dovecot.log
base_dir = ${folder}/run
ssl = no
protocols = pop3
first_valid_uid = 1
stats_writer_socket_path =
`,
  );
  chmodSync(folder, 0o755);
  await giveTo(maildir, owner);
  const child = spawn(findDovecotPop3()!, ['-c', configuration], {
    ...(owner.isRoot ? { uid: owner.uid, gid: owner.gid } : {}),
    env: { USER: 'mail', HOME: folder },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let [output, complaints] = ['', ''];
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('latin1').on('data', (text: string) => {
    complaints += text;
  });
  child.stdin.end(`${[...commands, 'QUIT'].join('\r\n')}\r\n`);
  await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (!output.startsWith('+OK')) throw new Error(`Dovecot does not serve the Maildir: ${output}${complaints}`);
  return output.split('\r\n').slice(0, -1);
}
