import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { findPython, type ImapAccount, missingServer, pop3Mail, runProgram, startImapAccount } from '../src/index.ts';

const python = await findPython('imaplib');
if (python === undefined) missingServer('Python', 'python3');
const twistedPython = await findPython('twisted.mail.imap4');
if (twistedPython === undefined) missingServer('Twisted', 'python3-twisted');

let account: ImapAccount | undefined;
afterEach(async () => {
  await account?.stop();
  account = undefined;
});

type Seen = Readonly<Record<string, unknown>> & { readonly error?: string };

async function job(program: string, command: string, args: readonly string[]): Promise<Seen> {
  const script = fileURLToPath(new URL(`../programs/${program}`, import.meta.url));
  const { stdout, stderr } = await runProgram(command, [script, ...args]);
  if (!stdout.startsWith('{')) throw new Error(stderr);
  const seen = JSON.parse(stdout) as Seen;
  if (seen.error !== undefined) throw new Error(`${seen.error}\n${stderr}`);
  return seen;
}

const mail = pop3Mail().slice(0, 12);
const decoded = (texts: unknown) => (texts as string[]).map((text) => Buffer.from(text, 'base64').toString('latin1'));

describe.each(['memory', 'maildir'] as const)('over %s', (kind) => {
  it.skipIf(python === undefined).each(['none', 'starttls', 'tls'])(
    'imaplib does its whole job, security %s',
    { timeout: 60_000 },
    async (security) => {
      account = await startImapAccount(kind);
      const { port, securePort, caFile, user, password } = account;
      await account.deliver(['INBOX'], ...mail);
      const wire = `${security === 'tls' ? securePort : port}`;
      const seen = await job('imaplib_job.py', python!, [security, wire, caFile, user, password]);
      expect(seen).toMatchObject({
        count: mail.length,
        namespace: '(("" "/")) NIL NIL',
        search: mail.map((_, index) => index + 1).join(' '),
        subject: '1',
        partial: mail[0]!.slice(5, 15),
        header: 'Subject: dots\r\n\r\n',
        status: expect.stringMatching(/Work"? \(MESSAGES 1 UIDNEXT 2 UNSEEN 1\)/),
        expunged: ['2'],
        play: '3',
        refused: 'NO',
      });
      expect(decoded(seen['bodies'])).toEqual(mail);
      expect(seen['list']).toHaveLength(2);
      expect(seen['lsub']).toHaveLength(1);
      expect(seen['end']).toHaveLength(1);
      expect(seen['metadata']).toMatch(
        /^1 \(UID 1 FLAGS \(.*\) INTERNALDATE ".*" RFC822\.SIZE \d+ ENVELOPE \(.*BODYSTRUCTURE \(/,
      );
      if (seen['sorted'] !== null) expect((seen['sorted'] as string).split(' ')).toHaveLength(mail.length - 1);
      const left = await account.messages(['INBOX']);
      expect(left.map(({ text }) => text)).toEqual(mail.filter((_, index) => index !== 1));
      expect(left[0]!.flags).toEqual(['$Done', '\\Seen']);
    },
  );

  it.skipIf(twistedPython === undefined)('the client of Twisted does its whole job', { timeout: 60_000 }, async () => {
    account = await startImapAccount(kind);
    const { port, user, password } = account;
    await account.deliver(['INBOX'], ...mail);
    const seen = await job('twisted_imap_job.py', twistedPython!, [`${port}`, user, password]);
    expect(seen).toMatchObject({
      list: ['INBOX', 'Twisted'],
      exists: mail.length,
      uids: mail.map((_, index) => `${index + 1}`),
      envelopes: mail.length,
      structures: mail.length,
      search: [1],
      expunged: [1],
    });
    expect(decoded(seen['bodies'])).toEqual(mail);
    expect((await account.messages(['INBOX'])).map(({ text }) => text)).toEqual(mail.slice(1));
    expect((await account.messages(['Moved'])).map(({ text }) => text)).toEqual([
      'Subject: by twisted\r\n\r\nbody\r\n',
      mail[0],
      mail[1],
    ]);
  });
});
