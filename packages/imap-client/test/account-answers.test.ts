import type { Uid } from '@posthorn/core';
import { playServer } from '@posthorn/testkit';
import { memoryPair } from '@posthorn/transport';
import { expect, test } from 'vitest';
import { type AccountMailbox, openAccount } from '../src/index.ts';
import { selected } from './support.ts';

const STRUCTURE = 'BODYSTRUCTURE ("TEXT" "PLAIN" ("CHARSET" "iso-8859-1") NIL NIL "QUOTED-PRINTABLE" 9 1)';

const WORK: readonly (readonly [string, (inbox: AccountMailbox) => Promise<unknown>, string, string, unknown])[] = [
  ['sort', (inbox) => inbox.sort(['SIZE'], { type: 'all' }), 'UID SORT (SIZE) UTF-8 ALL', 'S: * SORT 2 1\n', [2, 1]],
  [
    'readText',
    (inbox) => inbox.readText(1 as Uid),
    'UID FETCH 1 (UID BODYSTRUCTURE)',
    `S: * 1 FETCH (UID 1 ${STRUCTURE})
     S: {a} OK done
     C: {a} UID FETCH 1 (UID BODY.PEEK[1])
     S: * 1 FETCH (UID 1 BODY[1] "Gr=FC=DFe")\n`,
    { text: 'Grüße', mediaType: 'text/plain' },
  ],
  [
    'convert',
    (inbox) => inbox.convert('1', { to: 'text/plain' }, [{ part: [1], size: true }]),
    'UID CONVERT 1 ("text/plain") BINARY.SIZE[1]',
    'S: * 1 CONVERTED (TAG "x") (UID 1 BINARY.SIZE[1] 7)\n',
    [{ uid: 1, parts: [{ size: 7 }] }],
  ],
];

test.each(WORK)('%s is asked again when the connection breaks', async (_, work, command, answer, result) => {
  const greeting = `S: * PREAUTH [CAPABILITY IMAP4rev1 SORT CONVERT BINARY] hi${selected(2)}\nC: {a} ${command}\n`;
  const pairs = [memoryPair(), memoryPair()];
  const scripts = [`${greeting}! reset`, `${greeting}${answer}S: {a} OK done`];
  const played = pairs.map(([, theirs], index) => playServer(theirs, scripts[index]!));
  for (const playing of played) playing.catch(() => {});
  const account = await openAccount({
    transport: async () => pairs.shift()![0],
    maxConnections: 1,
    backOff: { initialMs: 1, maxMs: 2 },
  });
  try {
    const inbox = await account.mailbox('INBOX');
    expect(await work(inbox)).toMatchObject(result as object);
    expect(pairs).toEqual([]);
    await Promise.all(played);
  } finally {
    account.destroy();
  }
});
