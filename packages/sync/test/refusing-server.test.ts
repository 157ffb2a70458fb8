import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { connect } from '@posthorn/imap-client';
import { expect, it } from 'vitest';
import { imapSource, pull } from '../src/index.ts';
import { finish, freshAccount, textsOf } from './accounts.ts';

/** UIDs of a set such as `1:3,7`. */
function uidsOf(set: string): readonly number[] {
  return set.split(',').flatMap((range) => {
    const [first, last = first] = range.split(':').map((end) => (end === '*' ? 9 : Number(end)));
    return Array.from({ length: Math.min(last!, 9) - first! + 1 }, (_, index) => first! + index);
  });
}

/** A server with messages 1 to 9 that answers NO to every fetch of bodies that names a bad one, and sends nothing. */
function serve(socket: Socket, bad: ReadonlySet<number>): void {
  socket.write('* PREAUTH [CAPABILITY IMAP4rev1] ready\r\n');
  socket.on('error', () => {});
  createInterface({ input: socket }).on('line', (line) => {
    const [tag, command, second, set = ''] = line.split(' ');
    const answer = (...lines: string[]) =>
      socket.write([...lines, `${tag} OK done`].map((each) => `${each}\r\n`).join(''));
    if (command === 'LIST') answer('* LIST () "/" INBOX');
    else if (command === 'EXAMINE') answer('* 9 EXISTS', '* OK [UIDVALIDITY 7]', '* OK [UIDNEXT 10]');
    else if (second !== 'FETCH') answer();
    else if (!line.includes('BODY')) {
      answer(
        ...uidsOf(set).map(
          (uid) => `* ${uid} FETCH (UID ${uid} FLAGS () RFC822.SIZE 2 INTERNALDATE "01-Jan-2020 00:00:00 +0000")`,
        ),
      );
    } else if (uidsOf(set).some((uid) => bad.has(uid))) socket.write(`${tag} NO [SERVERBUG] cannot read it\r\n`);
    else {
      const items = (uid: number) =>
        `UID ${uid} FLAGS () INTERNALDATE "01-Jan-2020 00:00:00 +0000" BODY[] {2}\r\n#${uid}`;
      answer(...uidsOf(set).map((uid) => `* ${uid} FETCH (${items(uid)})`));
    }
  });
}

it('brings all but the messages that a server refuses to fetch', async () => {
  const server = createServer((socket) => serve(socket, new Set([3, 8])));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address!.port : 0;
  const auth = { user: 'a', password: 'b' };
  const client = await connect({ host: '127.0.0.1', port, security: 'none', allowInsecureAuth: true, auth });
  try {
    const target = await freshAccount();
    const { done, events } = await finish(pull(imapSource(client, 'a'), target));
    expect(done).toMatchObject({ added: 7, failed: 2 });
    expect(events.flatMap((event) => (event.type === 'messageFailed' ? [event.uid] : []))).toEqual([3, 8]);
    expect(await textsOf(target)).toEqual(['#1', '#2', '#4', '#5', '#6', '#7', '#9']);
  } finally {
    await client.close();
    server.close();
  }
});
