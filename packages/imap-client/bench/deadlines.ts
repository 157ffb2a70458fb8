import { playServer } from '@posthorn/testkit';
import { memoryPair } from '@posthorn/transport';
import { connect, type ImapClient } from '../src/index.ts';
import { CAPABILITIES, selected, settle, TestTimers } from '../test/support.ts';
import type { Figure } from './figures.ts';

const HOUR_MS = 3_600_000;
const STEP_MS = 1000;

/** How long a client waits for a server that plays a transcript and then says `drip` every second, on a clock of ours. */
async function patience(
  transcript: string,
  work: (client: ImapClient) => Promise<unknown>,
  { drip, auth = false }: { readonly drip?: string; readonly auth?: boolean } = {},
): Promise<number> {
  const timers = new TestTimers();
  const [mine, theirs] = memoryPair();
  let isDripping = false;
  void playServer(theirs, transcript).then(
    () => {
      isDripping = true;
    },
    () => {},
  );
  let isOver = false;
  void connect({
    transport: mine,
    timers,
    ...(auth && { auth: { user: 'a', password: 'b' }, allowInsecureAuth: true }),
  })
    .then(work)
    .catch(() => {})
    .finally(() => {
      isOver = true;
    });
  await settle();
  for (let passed = 0; passed < HOUR_MS; passed += STEP_MS) {
    if (isOver) return timers.now();
    if (drip !== undefined && isDripping) await theirs.write(new TextEncoder().encode(drip)).catch(() => {});
    await timers.advance(STEP_MS);
  }
  return Number.POSITIVE_INFINITY;
}

const greeting = `S: * PREAUTH [CAPABILITY ${CAPABILITIES}] hi`;
const firstBody = async (client: ImapClient): Promise<void> => {
  const inbox = await client.select('INBOX');
  for await (const { body } of inbox.fetch('1', { body: true })) await body.bytes();
};
const fetching = `${greeting}${selected(1)}
    C: {f} UID FETCH 1 (UID BODY.PEEK[])
    S: * 1 FETCH (UID 1 BODY[] {noeol}
    S: {1000000}`;

/** G3: how long the client waits, in the time of a clock that stands still until it is told. */
export async function measureDeadlines(): Promise<readonly Figure[]> {
  const cases: readonly (readonly [string, Promise<number>, number])[] = [
    ['no greeting', patience('C: {x} NOOP', async () => {}), 10_000],
    [
      'no answer to the login',
      patience(`S: * OK [CAPABILITY IMAP4rev1] hi\nC: {l} LOGIN a b`, async () => {}, { auth: true }),
      30_000,
    ],
    ['no answer to a command', patience(`${greeting}\nC: {n} NOOP`, (client) => client.noop()), 60_000],
    [
      'a command that other news keep busy',
      patience(`${greeting}\nC: {n} NOOP`, (client) => client.noop(), { drip: '* OK wait\r\n' }),
      300_000,
    ],
    ['a body that stops', patience(fetching, firstBody), 60_000],
    ['a body at 1 octet a second', patience(fetching, firstBody, { drip: 'x' }), 300_000],
    [
      'a server that dies in IDLE',
      patience(`${greeting}${selected(1)}\nC: {i} IDLE\nS: + idling`, async (client) => {
        for await (const _ of (await client.select('INBOX')).watch());
      }),
      28 * 60_000,
    ],
  ];
  const figures: Figure[] = [];
  for (const [what, waited, aim] of cases) {
    const ms = await waited;
    figures.push({
      goal: 'G3',
      what: `waits for ${what}`,
      measured: Number.isFinite(ms) ? `${ms / 1000} s` : 'over an hour',
      aim: `${aim / 1000} s`,
      isMet: ms <= aim + STEP_MS,
    });
  }
  return figures;
}
