import { type Faults, playServer } from '@posthorn/testkit';
import { memoryPair } from '@posthorn/transport';
import { connect } from '../src/index.ts';
import { LOGOUT, selected } from '../test/support.ts';
import type { Figure } from './figures.ts';

const ENVELOPE = '("Mon, 1 Jan 2024 00:00:00 +0000" "Hello" NIL NIL NIL NIL NIL NIL NIL "<1@example.org>")';
const SESSION = `S: * OK [CAPABILITY IMAP4rev1 IDLE UIDPLUS MOVE UNSELECT LITERAL+] ready
    C: {l} LOGIN alice secret
    S: {l} OK [CAPABILITY IMAP4rev1 IDLE UIDPLUS MOVE UNSELECT LITERAL+] in
    C: {i} LIST "" *
    S: * LIST (\\HasNoChildren) "/" INBOX
    S: * LIST (\\HasNoChildren) "/" "Sent Items"
    S: {i} OK done${selected(3)}
    C: {f} UID FETCH 1:3 (UID FLAGS ENVELOPE BODY.PEEK[])
    S: * 1 FETCH (UID 1 FLAGS (\\Seen) ENVELOPE ${ENVELOPE} BODY[] "one")
    S: * 2 FETCH (UID 2 FLAGS () ENVELOPE ${ENVELOPE} BODY[] "two")
    S: * 3 FETCH (UID 3 FLAGS () ENVELOPE ${ENVELOPE} BODY[] "three")
    S: {f} OK done
    C: {s} UID SEARCH ALL
    S: * SEARCH 1 2 3
    S: {s} OK done
    C: {t} UID STORE 1 +FLAGS (\\Flagged)
    S: * 1 FETCH (UID 1 FLAGS (\\Seen \\Flagged))
    S: {t} OK done
    C: {w} IDLE
    S: + idling
    S: * 4 EXISTS
    C: DONE
    S: {w} OK done${LOGOUT}`;

/** Deadline of every wait, for the stalled runs. */
const DEADLINE_MS = 60;

interface Run {
  readonly isOver: boolean;
  /** From the end of the connection to the end of the work. */
  readonly settledAfterMs: number;
}

/** A whole session with one fault. */
async function play(faults: Faults): Promise<Run> {
  const [mine, theirs] = memoryPair();
  let cutAt = 0;
  const server = playServer(theirs, SESSION, { faults }).then(
    ({ outcome }) => {
      cutAt = performance.now();
      return outcome;
    },
    () => 'done' as const,
  );
  const timeouts = {
    greetingMs: DEADLINE_MS,
    authMs: DEADLINE_MS,
    commandMs: DEADLINE_MS,
    progressMs: DEADLINE_MS,
    closeMs: DEADLINE_MS,
  };
  const started = performance.now();
  await work(mine, timeouts).catch(() => {});
  const ended = performance.now();
  mine.destroy();
  const isOver = (await server) === 'done';
  return { isOver, settledAfterMs: faults.stallAt === undefined ? ended - Math.max(cutAt, started) : ended - started };
}

async function work(transport: Parameters<typeof connect>[0]['transport'], timeouts: object): Promise<void> {
  const client = await connect({
    transport,
    timeouts,
    auth: { user: 'alice', password: 'secret' },
    allowInsecureAuth: true,
  });
  try {
    await client.list();
    const inbox = await client.select('INBOX');
    for await (const { body } of inbox.fetch('1:3', { flags: true, envelope: true, body: true })) await body.bytes();
    await inbox.search({ type: 'all' });
    await inbox.store('1', 'add', ['\\Flagged']);
    for await (const _ of inbox.watch({ renewMs: DEADLINE_MS })) break;
  } finally {
    await client.close();
  }
}

/** G1: a connection that ends, is reset or stalls after every octet of a session. */
export async function measureEveryCut(): Promise<readonly Figure[]> {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => {
    unhandled.push(reason);
  };
  process.on('unhandledRejection', note);
  const handles = process.getActiveResourcesInfo().length;
  let runs = 0;
  let slowest = 0;
  let slowestStall = 0;
  for (const fault of ['endAt', 'resetAt', 'stallAt'] as const) {
    const width = fault === 'stallAt' ? 32 : 8;
    for (let from = 0, isOver = false; !isOver; from += width) {
      const offsets = Array.from({ length: width }, (_, index) => from + index);
      for (const run of await Promise.all(offsets.map((at) => play({ [fault]: at })))) {
        runs++;
        isOver ||= run.isOver;
        if (fault === 'stallAt') slowestStall = Math.max(slowestStall, run.settledAfterMs);
        else slowest = Math.max(slowest, run.settledAfterMs);
      }
    }
  }
  await new Promise((resolve) => setTimeout(resolve, 1000));
  process.off('unhandledRejection', note);
  const left = process.getActiveResourcesInfo().length - handles;
  // A stalled session may meet the time for renewing IDLE, the deadline of a wait and that of closing, one after the other.
  const most = 3 * DEADLINE_MS + 250;
  return [
    {
      goal: 'G1',
      what: 'sessions cut, reset or stalled, at every octet',
      measured: `${runs}`,
      aim: 'every octet',
      isMet: runs > 3000,
    },
    {
      goal: 'G1',
      what: 'longest from the cut to the end of every promise',
      measured: `${slowest.toFixed(1)} ms`,
      aim: '100 ms',
      isMet: slowest <= 100,
    },
    {
      goal: 'G1',
      what: `longest stalled, with deadlines of ${DEADLINE_MS} ms`,
      measured: `${slowestStall.toFixed(0)} ms`,
      aim: `${most} ms`,
      isMet: slowestStall <= most,
    },
    {
      goal: 'G1',
      what: 'unhandled rejections',
      measured: `${unhandled.length}`,
      aim: '0',
      isMet: unhandled.length === 0,
    },
    { goal: 'G1', what: 'handles left after 1 s', measured: `${left}`, aim: '0', isMet: left <= 0 },
  ];
}
