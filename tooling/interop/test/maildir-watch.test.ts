import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Account, accountId, type ChangeHint } from '@posthorn/core';
import { openMaildir } from '@posthorn/maildir';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findPython, missingServer, runProgram, sharedMessage, storeParty } from '../src/index.ts';

/** `POSTHORN_FIGURES` prints how long each change took to be seen. */
const printsFigures = process.env['POSTHORN_FIGURES'] !== undefined;
const python = await findPython('mailbox');
if (python === undefined) missingServer('Python', 'python3');

const DELIVER = `
import mailbox, sys
mailbox.Maildir(sys.argv[1]).add("Subject: by Python\\n\\ntext\\n")
`;
const FOLDER = `
import mailbox, sys
mailbox.Maildir(sys.argv[1]).add_folder("Made").add("Subject: in a folder\\n\\ntext\\n")
`;

let root: string;
let account: Account;
let close: () => Promise<void>;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ph-watch-'));
  const store = openMaildir(root);
  account = await store.open(accountId('alice'));
  close = () => store.close();
  for (const token of ['one', 'two', 'three']) await storeParty(account).deliver('INBOX', sharedMessage(token), []);
});
afterEach(async () => {
  await close();
  await rm(root, { recursive: true, force: true });
});

/** Runs programs one after the other; a watcher has to hear of each before the next. @returns what they wrote */
async function eachIsHeard(
  mailbox: string,
  programs: readonly (readonly [name: string, program: string, args: readonly string[]])[],
): Promise<void> {
  const hints = account.watch('all')[Symbol.asyncIterator]();
  for (const [name, program, args] of programs) {
    const before = await pictureOf(mailbox);
    const { exitCode, stderr } = await runProgram(program, args);
    expect([name, exitCode, stderr]).toEqual([name, 0, '']);
    const start = performance.now();
    let hint: IteratorResult<ChangeHint>;
    do hint = await hints.next();
    while (hint.value?.path.join('/') !== mailbox || (await pictureOf(mailbox)) === before);
    if (printsFigures) process.stderr.write(`${name}: heard of ${Math.round(performance.now() - start)} ms after it\n`);
  }
  await hints.return?.();
}

async function pictureOf(mailbox: string): Promise<string> {
  return JSON.stringify(await storeParty(account).look(mailbox));
}

describe('a watcher hears of what other programs do, each time:', () => {
  it('a shell that flags, delivers and removes', { timeout: 60_000 }, async () => {
    const shell = (script: string): readonly [string, string, readonly string[]] => [script, 'sh', ['-ec', script]];
    await eachIsHeard('INBOX', [
      shell(`cd ${root}; for name in new/*; do mv "$name" "cur/\${name#new/}:2,S"; done`),
      shell(`cd ${root}/cur; for name in *:2,S; do mv "$name" "\${name%S}FS"; done`),
      shell(`cd ${root}; printf 'Subject: by hand\\n\\n' > tmp/1.M1.shell; mv tmp/1.M1.shell new/`),
      shell(`cd ${root}; mv new/1.M1.shell cur/1.M1.shell:2,T`),
      shell(`rm ${root}/cur/1.M1.shell:2,T`),
    ]);
  });

  it.skipIf(python === undefined)('Python that delivers and makes a folder', { timeout: 60_000 }, async () => {
    await eachIsHeard('INBOX', [
      ['a delivery', python!, ['-c', DELIVER, root]],
      ['another', python!, ['-c', DELIVER, root]],
    ]);
    await eachIsHeard('Made', [['a folder', python!, ['-c', FOLDER, root]]]);
    expect(await storeParty(account).look('Made')).toMatchObject([{ uid: 1, token: 'in a folder' }]);
  });
});
