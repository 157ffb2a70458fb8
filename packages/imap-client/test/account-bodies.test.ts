import { playServer } from '@posthorn/testkit';
import { memoryPair } from '@posthorn/transport';
import { expect, test } from 'vitest';
import { type AccountOptions, type ImapAccount, openAccount } from '../src/index.ts';
import { type Cut, ModelServer } from './account-server.ts';
import { outcome, selected, settle, text } from './support.ts';

/** Long enough to flow: short ones come whole or not at all. */
const BODY = `Subject: long\r\n\r\n${Array.from({ length: 10_000 }, (_, index) => `line ${index}\r\n`).join('')}`;

async function opened(server: ModelServer, options: AccountOptions = {}): Promise<ImapAccount> {
  return openAccount({
    transport: server.connect,
    auth: { user: 'alice', password: 'secret' },
    allowInsecureAuth: true,
    backOff: { initialMs: 1, maxMs: 2 },
    ...options,
  });
}

function serverWith(bodies: readonly string[], cuts: (connection: number) => Cut | undefined): ModelServer {
  const server = new ModelServer({ cuts });
  for (const body of bodies) server.append([], body);
  return server;
}

/** Where the connection breaks: in the login, the selection, the body, behind it, in the second body. */
const CUTS = Array.from({ length: 24 }, (_, index) => 700 + index * 10_007);

test('a body goes on where the connection broke, and each octet comes once', async () => {
  for (const how of ['end', 'reset'] as const) {
    for (const at of CUTS) {
      // The connections after the first break too, but each of them leads further.
      const server = serverWith([BODY, `${BODY}2`], (connection) => ({ at: connection === 0 ? at : 120_000, how }));
      const account = await opened(server, { maxRetries: 100, acquireMs: 5_000 });
      const inbox = await account.mailbox('INBOX');
      const came: unknown[] = [];
      for await (const { uid, body } of inbox.fetch('1:*', { flags: true, body: true })) {
        expect(body.size).toBe(BODY.length + uid - 1);
        came.push([uid, text(await body.bytes())]);
      }
      expect(came).toEqual([
        [1, BODY],
        [2, `${BODY}2`],
      ]);
      account.destroy();
    }
  }
}, 60_000);

const [HALF, SECOND] = ['h'.repeat(100_000), 'w'.repeat(100_000)];

/** An account on which the first connection can be broken when half of a body was sent, and the second goes on. */
async function halved(fetch: string, answers: string): Promise<ImapAccount> {
  const greeting = 'S: * PREAUTH [CAPABILITY IMAP4rev1 UIDPLUS] hi';
  const [first, second] = [memoryPair(), memoryPair()];
  const origin = /<\d+/.exec(fetch);
  const fetched = `* 1 FETCH (UID 1 BODY[]${origin === null ? '' : `${origin[0]}>`} {200000}`;
  breakOff = () => first[1].destroy();
  const play = `${greeting}${selected(1)}\n`;
  void playServer(first[1], `${play}C: {a} ${fetch}\nS: ${fetched}\nS: ${HALF}{noeol}`).catch(() => {});
  void playServer(second[1], `${play}${answers}`).catch(() => {});
  const mine = [first[0], second[0]];
  return openAccount({ transport: async () => mine.shift()!, maxConnections: 1, backOff: { initialMs: 1, maxMs: 2 } });
}

let breakOff = (): void => {};

test.each([false, true])(
  'what was read is not asked for again, a window ends where it should, and a sink gets each octet once, lent or not: %s',
  async (lendsChunks) => {
    const account = await halved(
      'UID FETCH 1 (UID BODY.PEEK[]<100.200000>)',
      `C: {b} UID FETCH 1 (UID BODY.PEEK[]<100100.100000>)
     S: * 1 FETCH (UID 1 BODY[]<100100> {100000}
     S: ${SECOND}{noeol}
     S: )
     S: {b} OK done`,
    );
    const inbox = await account.mailbox('INBOX');
    let written = '';
    let isClosed = false;
    const sink = new WritableStream<Uint8Array>({
      write: (chunk) => {
        written += text(chunk);
        if (written === HALF) breakOff();
      },
      close: () => {
        isClosed = true;
      },
    });
    for await (const { body } of inbox.fetch('1', { body: { partial: { offset: 100, length: 200_000 } } }))
      await body?.pipeTo(sink, { lendsChunks });
    expect([written === HALF + SECOND, isClosed]).toEqual([true, true]);
    account.destroy();
  },
);

test.each([
  ['is gone meanwhile', '', 'IMAP_MESSAGE_GONE'],
  ['is shorter than before', 'S: * 1 FETCH (UID 1 BODY[]<100000> "")\n', 'IMAP_PROTOCOL'],
])('a message that %s is no whole message', async (_, answer, code) => {
  const account = await halved(
    'UID FETCH 1 (UID BODY.PEEK[])',
    `C: {b} UID FETCH 1 (UID BODY.PEEK[]<100000.100000>)\n${answer}S: {b} OK done`,
  );
  const inbox = await account.mailbox('INBOX');
  const ends: unknown[] = [];
  for await (const { body } of inbox.fetch('1', { body: true })) {
    const octets = body.stream()[Symbol.asyncIterator]();
    for (let read = 0; read < HALF.length; read += (await octets.next()).value.length);
    breakOff();
    ends.push(await outcome(octets.next()));
  }
  expect(ends).toMatchObject([{ code }]);
  account.destroy();
});

test('a body that the loop has left behind, or left unread, asks for nothing more', async () => {
  const server = serverWith([BODY, BODY], (connection) => (connection === 0 ? { at: 2_000, how: 'end' } : undefined));
  const account = await opened(server);
  const inbox = await account.mailbox('INBOX');
  const left: AsyncIterator<Uint8Array>[] = [];
  for await (const { body } of inbox.fetch('1:*', { body: true })) {
    const octets = body.stream()[Symbol.asyncIterator]();
    await octets.next();
    left.push(octets);
    expect(() => body.stream()).toThrow(/once/);
  }
  const ends = await Promise.all(left.map((octets) => outcome(drain(octets))));
  expect(ends).toMatchObject([
    { message: expect.stringMatching(/moves on/) },
    { message: expect.stringMatching(/moves on/) },
  ]);
  const asked = server.commands.length;
  await settle();
  expect(server.commands.length).toBe(asked);
  account.destroy();
});

async function drain(octets: AsyncIterator<Uint8Array>): Promise<void> {
  while ((await octets.next()).done !== true);
}
