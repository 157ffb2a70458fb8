import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { findPython, type ImapAccount, missingServer, runProgram, startImapAccount } from '../src/index.ts';

const python = await findPython('imaplib2');
if (python === undefined) missingServer('imaplib2', 'python3-imaplib2');

let account: ImapAccount | undefined;
afterEach(async () => {
  await account?.stop();
  account = undefined;
});

const program = fileURLToPath(new URL('../programs/imaplib2_suite.py', import.meta.url));

it.skipIf(python === undefined).each(['memory', 'maildir'] as const)(
  'passes the test that imaplib2 brings with it, over %s',
  { timeout: 60_000 },
  async (kind) => {
    account = await startImapAccount(kind);
    const { port, user, password } = account;
    const { stdout, stderr } = await runProgram(python!, [program, `${port}`, user, password]);
    if (!stdout.includes('All tests OK.')) throw new Error(`${stdout}\n${stderr}`);
    const names = (await account.account.list()).map(({ path }) => path.join('/'));
    expect(names).toEqual(['INBOX']);
    expect((await account.messages(['INBOX'])).length).toBeGreaterThan(0);
  },
);
