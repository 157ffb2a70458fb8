import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Account } from '@posthorn/core';
import { connect } from '@posthorn/imap-client';
import { expect, it } from 'vitest';
import { imapSource, memoryState, pull } from '../src/index.ts';
import { finish, freshAccount, textsOf } from './accounts.ts';

/** UIDs of a set such as `1:3,7`. */
function uidsOf(set: string): readonly number[] {
  return set.split(',').flatMap((range) => {
    const [first, last = first] = range.split(':').map((end) => (end === '*' ? 9 : Number(end)));
    return Array.from({ length: Math.min(last!, 9) - first! + 1 }, (_, index) => first! + index);
  });
}

type Answer = (...untagged: string[]) => void;

interface Script {
  /** What EXAMINE says of the number of messages. @defaultValue `* 9 EXISTS` */
  readonly exists?: string;
  /** @defaultValue `* STATUS INBOX (MESSAGES 9)` */
  readonly status?: string;
  /** Answers a fetch of bodies; undefined refuses it. */
  fetch(uids: readonly number[], line: string): readonly string[] | undefined;
}

const DATE = 'INTERNALDATE "01-Jan-2020 00:00:00 +0000"';
const bodyOf = (uid: number, date = DATE) => `* ${uid} FETCH (UID ${uid} FLAGS () ${date} BODY[] {2}\r\n#${uid})`;

/** Talks to one client of an account whose INBOX has the messages 1 to 9. */
function serve(socket: Socket, { exists = '* 9 EXISTS', status = '* STATUS INBOX (MESSAGES 9)', fetch }: Script): void {
  socket.write('* PREAUTH [CAPABILITY IMAP4rev1] ready\r\n');
  socket.on('error', () => {});
  const lines = createInterface({ input: socket });
  lines.on('error', () => {});
  lines.on('line', (line) => {
    const [tag, command, second, set = ''] = line.split(' ');
    const answer: Answer = (...untagged) =>
      socket.write([...untagged, `${tag} OK done`].map((each) => `${each}\r\n`).join(''));
    if (command === 'LIST') answer('* LIST () "/" INBOX');
    else if (command === 'EXAMINE') answer(exists, '* OK [UIDVALIDITY 7]', '* OK [UIDNEXT 10]');
    else if (command === 'STATUS') answer(status);
    else if (second !== 'FETCH') answer();
    else if (!line.includes('BODY'))
      answer(...uidsOf(set).map((uid) => `* ${uid} FETCH (UID ${uid} FLAGS () RFC822.SIZE 2 ${DATE})`));
    else {
      const answers = fetch(uidsOf(set), line);
      if (answers === undefined) socket.write(`${tag} NO [SERVERBUG] cannot read it\r\n`);
      else answer(...answers);
    }
  });
}

async function pullFrom(script: Script, options: Parameters<typeof pull>[2] = {}, target?: Account) {
  const server = createServer((socket) => serve(socket, script));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address!.port : 0;
  const auth = { user: 'a', password: 'b' };
  const client = await connect({ host: '127.0.0.1', port, security: 'none', allowInsecureAuth: true, auth });
  const into = target ?? (await freshAccount());
  try {
    return { ...(await finish(pull(imapSource(client, 'a'), into, options))), target: into };
  } finally {
    await client.close();
    server.close();
  }
}

const honest: Script = { fetch: (uids) => uids.map((uid) => bodyOf(uid)) };

it('brings all but the messages that a server refuses to fetch', async () => {
  const { done, events, target } = await pullFrom({
    fetch: (uids) => (uids.some((uid) => uid === 3 || uid === 8) ? undefined : uids.map((uid) => bodyOf(uid))),
  });
  expect(done).toMatchObject({ added: 7, failed: 2 });
  expect(events.flatMap((event) => (event.type === 'messageFailed' ? [event.uid] : []))).toEqual([3, 8]);
  expect(await textsOf(target)).toEqual(['#1', '#2', '#4', '#5', '#6', '#7', '#9']);
});

it('brings a message whose date makes no sense', async () => {
  const { done, target } = await pullFrom({
    fetch: (uids) => uids.map((uid) => bodyOf(uid, uid === 4 ? 'INTERNALDATE "yesterday"' : DATE)),
  });
  expect(done).toMatchObject({ added: 9, failed: 0 });
  expect((await textsOf(target)).toSorted()).toEqual(['#1', '#2', '#3', '#4', '#5', '#6', '#7', '#8', '#9']);
});

it('takes a mailbox whose size is not told for no empty one', async () => {
  const state = memoryState();
  const { target } = await pullFrom(honest, { state });
  const pulled = pullFrom({ ...honest, exists: '* OK hello' }, { state, expunge: true }, target);
  await expect(pulled).rejects.toMatchObject({ code: 'IMAP_PROTOCOL' });
  expect(await textsOf(target)).toHaveLength(9);
});

it('is content with an empty mailbox of a server that tells no figures of it', async () => {
  const { done } = await pullFrom({ ...honest, exists: '* 0 EXISTS', status: '* STATUS INBOX ()' });
  expect(done).toMatchObject({ added: 0, failed: 0 });
});
