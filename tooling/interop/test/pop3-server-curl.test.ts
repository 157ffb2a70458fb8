import { findProgram } from '@posthorn/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { missingServer, type Pop3Maildrop, pop3Mail, runProgram, startPop3Maildrop } from '../src/index.ts';

const curl = findProgram(['curl']);
if (curl === undefined) missingServer('curl', 'curl');

let maildrop: Pop3Maildrop | undefined;
afterEach(async () => {
  await maildrop?.stop();
  maildrop = undefined;
});

const mail = pop3Mail();

/** Runs curl on the maildrop; `path` is what stands behind the host. */
async function ask(path: string, ...more: readonly string[]): Promise<string> {
  const { user, password, port, securePort, caFile } = maildrop!;
  const base = more.includes('--tls') ? `pop3s://localhost:${securePort}` : `pop3://localhost:${port}`;
  const args = more.filter((each) => each !== '--tls');
  const result = await runProgram(curl!, [
    '--silent',
    '--show-error',
    ...['--max-time', '20', '--cacert', caFile, '--user', `${user}:${password}`],
    ...args,
    `${base}/${path}`,
  ]);
  if (result.exitCode !== 0) throw new Error(`curl ends with ${result.exitCode}: ${result.stderr}`);
  return result.stdout;
}

describe.skipIf(curl === undefined).each(['memory', 'maildir'] as const)(
  'curl, over %s',
  { timeout: 60_000 },
  (kind) => {
    it.each([
      ['in clear text', []],
      ['by STLS', ['--ssl-reqd']],
      ['over TLS', ['--tls']],
    ])('does its whole job %s', async (_, security) => {
      maildrop = await startPop3Maildrop(kind, mail);
      const sizes = mail.map((text) => (text.endsWith('\r\n') ? text : `${text}\r\n`).length);
      const listed = sizes.map((size, index) => `${index + 1} ${size}\r\n`).join('');
      expect(await ask('', ...security)).toBe(listed);
      const ids = await ask('', ...security, '--request', 'UIDL');
      expect(ids.match(/^\d+ [0-9a-f]{16}\r$/gm)).toHaveLength(mail.length);
      for (const number of [1, 2, 3, 4, 5, 6, mail.length]) {
        const text = mail[number - 1]!;
        // curl leaves out the line end that the server adds, or not, by its version.
        expect((await ask(`${number}`, ...security)).replace(/\r\n$/, '')).toBe(text.replace(/\r\n$/, ''));
      }
      const top = await ask('', ...security, '--request', 'TOP 1 1');
      expect(top.endsWith('\r\n\r\n.\r\n')).toBe(true);
      await ask('2', ...security, '--request', 'DELE', '--list-only', '--head');
      expect(await maildrop.messages()).toEqual(mail.filter((_, index) => index !== 1));
      await expect(ask(`${mail.length}`, ...security)).rejects.toThrow(/curl ends with/);
    });

    it.each(['+APOP', 'PLAIN', 'LOGIN', 'CRAM-MD5'])(
      'logs in by %s, with and without initial response',
      async (auth) => {
        maildrop = await startPop3Maildrop(kind, mail.slice(0, 2));
        for (const more of [[], ['--sasl-ir']]) {
          const text = await ask('2', '--login-options', `AUTH=${auth}`, ...more);
          expect(text).toBe(mail[1]);
        }
        const { user } = maildrop;
        await expect(ask('2', '--login-options', `AUTH=${auth}`, '--user', `${user}:wrong`)).rejects.toThrow(
          /ends with 67/,
        );
      },
    );

    it('gets several messages over one connection', async () => {
      maildrop = await startPop3Maildrop(kind, mail);
      expect(await ask('{1,2,4}')).toBe(mail[0]! + mail[1]! + mail[3]!);
    });
  },
);
