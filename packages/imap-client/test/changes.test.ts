import { modSeq, type Uid, uid, uidValidity } from '@posthorn/core';
import { formatSet, setOf } from '@posthorn/message-set';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MailboxDifference, SelectedMailbox } from '../src/index.ts';
import { type ComparedMailbox, mailboxChanges } from '../src/mailbox/mailbox-changes.ts';
import { CAPABILITIES, collect, outcome, session } from './support.ts';

function select(exists: number, codes: readonly string[], command = 'SELECT INBOX', more = ''): string {
  return `
    C: {select} ${command}
    S: * ${exists} EXISTS
    ${['UIDVALIDITY 67890007', 'UIDNEXT 600', ...codes].map((code) => `S: * OK [${code}] ok`).join('\n')}
    ${more}
    S: {select} OK [READ-WRITE] done`;
}

async function opened(transcript: string, capabilities: string, enable: readonly string[] = []) {
  const { client, server } = await session(transcript, {
    capabilities: `${CAPABILITIES} ${capabilities}`,
    connect: { enable },
  });
  return { client, server, inbox: await client.select('INBOX') };
}

/** What differs, in short, and the cursor. */
async function told(
  inbox: SelectedMailbox,
  since?: string,
): Promise<{ readonly rows: unknown[]; readonly cursor: string }> {
  const all = await collect(inbox.changes(since));
  const last = all.pop();
  if (last?.type !== 'cursor') throw new Error('no cursor at the end');
  return { rows: all.map(short), cursor: last.cursor };
}

function short(change: MailboxDifference): unknown {
  switch (change.type) {
    case 'message':
      return [change.isNew ? 'new' : 'changed', change.uid, ...change.flags];
    case 'vanished':
      return ['vanished', formatSet(change.uids)];
    default:
      return [change.type];
  }
}

const ENABLE = `
  C: {e} ENABLE QRESYNC
  S: * ENABLED QRESYNC CONDSTORE
  S: {e} OK done`;

describe('changes since a cursor', () => {
  test('by QRESYNC (RFC 7162 section 3.2.6)', async () => {
    const { inbox } = await opened(
      `${ENABLE}${select(3, ['HIGHESTMODSEQ 12345'])}
       C: {a} UID FETCH 1:* (UID FLAGS MODSEQ)
       S: * 1 FETCH (UID 300 FLAGS () MODSEQ (12000))
       S: * 2 FETCH (UID 405 FLAGS (\\Seen) MODSEQ (12345))
       S: * 3 FETCH (UID 406 FLAGS () MODSEQ (12344))
       S: {a} OK done
       C: {b} UID FETCH 1:* (UID FLAGS MODSEQ) (CHANGEDSINCE 12345 VANISHED)
       S: * VANISHED (EARLIER) 1:299,405
       S: * 1 FETCH (UID 300 FLAGS (\\Flagged) MODSEQ (12350))
       S: * 3 FETCH (UID 600 MODSEQ (12349) FLAGS (\\Recent))
       S: {b} OK done`,
      'QRESYNC',
      ['QRESYNC'],
    );
    const first = await told(inbox);
    expect(first.rows).toEqual([
      ['new', 300],
      ['new', 405, '\\Seen'],
      ['new', 406],
    ]);
    expect(JSON.parse(first.cursor)).toEqual({
      version: 1,
      uidValidity: 67890007,
      modSeq: '12345',
      uids: '300,405:406',
    });
    const second = await told(inbox, first.cursor);
    expect(second.rows).toEqual([
      ['changed', 300, '\\Flagged'],
      ['new', 600, '\\Recent'],
      ['vanished', '405'],
    ]);
    expect(JSON.parse(second.cursor)).toMatchObject({ modSeq: '12350', uids: '300,406,600' });
  });

  test('by CONDSTORE, with a list of UIDs only when messages are gone', async () => {
    const { inbox } = await opened(
      `${select(2, ['HIGHESTMODSEQ 20'])}
       C: {a} UID FETCH 1:* (UID FLAGS MODSEQ) (CHANGEDSINCE 10)
       S: * 2 FETCH (UID 7 FLAGS () MODSEQ (20))
       S: {a} OK done
       C: {b} UID SEARCH RETURN (ALL) ALL
       S: * ESEARCH (TAG "x") UID ALL 5,7
       S: {b} OK done
       C: {c} UID FETCH 1:* (UID FLAGS MODSEQ) (CHANGEDSINCE 20)
       S: {c} OK done`,
      'CONDSTORE ESEARCH',
    );
    const cursor = JSON.stringify({ version: 1, uidValidity: 67890007, modSeq: '10', uids: '4:5' });
    const first = await told(inbox, cursor);
    expect(first.rows).toEqual([
      ['new', 7],
      ['vanished', '4'],
    ]);
    expect(await told(inbox, first.cursor)).toEqual({ rows: [], cursor: first.cursor });
  });

  test('by all flags where there is nothing better', async () => {
    const { inbox } = await opened(
      `${select(2, ['NOMODSEQ'])}
       C: {a} UID FETCH 1:* (UID FLAGS)
       S: * 1 FETCH (UID 1 FLAGS (\\Seen $x))
       S: * 2 FETCH (UID 2 FLAGS (\\Recent))
       S: {a} OK done
       C: {b} UID FETCH 1:* (UID FLAGS)
       S: * 1 FETCH (UID 1 FLAGS ($X \\seen))
       S: * 2 FETCH (UID 3 FLAGS (\\Seen))
       S: {b} OK done
       C: {c} UID FETCH 1:* (UID FLAGS)
       S: * 1 FETCH (UID 1 FLAGS ())
       S: * 2 FETCH (UID 3 FLAGS (\\Seen))
       S: {c} OK done`,
      'CONDSTORE',
    );
    const first = await told(inbox);
    expect(first.rows).toEqual([
      ['new', 1, '\\Seen', '$x'],
      ['new', 2, '\\Recent'],
    ]);
    const second = await told(inbox, first.cursor);
    expect(second.rows).toEqual([
      ['new', 3, '\\Seen'],
      ['vanished', '2'],
    ]);
    expect((await told(inbox, second.cursor)).rows).toEqual([['changed', 1]]);
  });

  test('of another UIDVALIDITY are everything (pain 22); an empty mailbox costs no command (pain 26)', async () => {
    const { inbox } = await opened(select(0, []), '');
    const other = JSON.stringify({ version: 1, uidValidity: 1, uids: '1:9' });
    expect((await told(inbox, other)).rows).toEqual([['reset']]);
    const same = JSON.stringify({ version: 1, uidValidity: 67890007, uids: '1:9' });
    expect((await told(inbox, same)).rows).toEqual([['vanished', '1:9']]);
  });

  test('are not those of text that is no cursor', async () => {
    const { inbox } = await opened(select(1, []), '');
    for (const text of [
      '',
      '{}',
      'null',
      '{"version":1,"uidValidity":0,"uids":""}',
      '{"version":1,"uidValidity":1,"uids":"*"}',
    ])
      expect(await outcome(collect(inbox.changes(text)))).toBeInstanceOf(RangeError);
  });

  test('a message that cannot be read is neither gone nor known', async () => {
    const { inbox } = await opened(
      `${select(2, ['NOMODSEQ'])}
       C: {a} UID FETCH 1:* (UID FLAGS)
       S: * 1 FETCH (UID 1 FLAGS nonsense)
       S: * 2 FETCH (UID 2 FLAGS ())
       S: {a} OK done`,
      '',
    );
    const cursor = JSON.stringify({ version: 1, uidValidity: 67890007, uids: '1:2', flags: [['', '1:2']] });
    const seen: unknown[] = [];
    const changes = await collect(inbox.changes(cursor, { onIncomplete: ({ uid }) => void seen.push(uid) }));
    expect([seen, changes.map(short)]).toEqual([[1], [['cursor']]]);
  });

  test.each([
    ['QRESYNC', true, true],
    ['CONDSTORE', true, false],
    ['flags', false, false],
  ])(
    'applied to what was known they give what is there, whatever happened (%s, pain 22)',
    async (_, hasModSeq, tellsVanished) => {
      const step = fc.oneof(
        fc.record({ type: fc.constant('add' as const), flag: fc.boolean() }),
        fc.record({ type: fc.constant('remove' as const), at: fc.nat(20) }),
        fc.record({ type: fc.constant('flag' as const), at: fc.nat(20) }),
        fc.constant({ type: 'look' as const }),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
          const model = new Model(hasModSeq, tellsVanished);
          const known = new Map<number, string>();
          let cursor: string | undefined;
          for (const action of [...steps, { type: 'look' as const }]) {
            if (action.type !== 'look') {
              model.apply(action);
              continue;
            }
            for await (const change of mailboxChanges(model.view(), cursor, {})) {
              if (change.type === 'message') known.set(change.uid, change.flags.join(' '));
              else if (change.type === 'vanished')
                for (const gone of [...known.keys()]) if (isIn(change.uids, gone)) known.delete(gone);
              if (change.type === 'cursor') cursor = change.cursor;
            }
            expect(known).toEqual(model.flags);
          }
        }),
        { numRuns: 60 },
      );
    },
  );
});

function isIn(uids: { readonly bounds: Uint32Array }, id: number): boolean {
  for (let at = 0; at < uids.bounds.length; at += 2)
    if (uids.bounds[at]! <= id && id <= uids.bounds[at + 1]!) return true;
  return false;
}

/** A mailbox as a server has it. */
class Model {
  readonly flags = new Map<number, string>();
  readonly #modSeqs = new Map<number, bigint>();
  readonly #gone: (readonly [number, bigint])[] = [];
  readonly #hasModSeq: boolean;
  readonly #tellsVanished: boolean;
  #next = 1;
  #modSeq = 1n;

  constructor(hasModSeq: boolean, tellsVanished: boolean) {
    this.#hasModSeq = hasModSeq;
    this.#tellsVanished = tellsVanished;
  }

  apply(
    action:
      | { readonly type: 'add'; readonly flag: boolean }
      | { readonly type: 'remove' | 'flag'; readonly at: number },
  ): void {
    if (action.type === 'add') {
      this.flags.set(this.#next, action.flag ? '\\Seen' : '');
      this.#modSeqs.set(this.#next++, ++this.#modSeq);
      return;
    }
    const id = [...this.flags.keys()][action.at];
    if (id === undefined) return;
    if (action.type === 'remove') {
      this.flags.delete(id);
      // Without QRESYNC an expunge need not change the mod-sequence.
      this.#gone.push([id, this.#tellsVanished ? ++this.#modSeq : this.#modSeq]);
    } else {
      this.flags.set(id, this.flags.get(id) === '' ? '\\Flagged' : '');
      this.#modSeqs.set(id, ++this.#modSeq);
    }
  }

  view(): ComparedMailbox {
    const messages = this.#messages.bind(this);
    return {
      uidValidity: uidValidity(5),
      exists: this.flags.size,
      highestModSeq: this.#hasModSeq ? modSeq(this.#modSeq) : undefined,
      tellsVanished: this.#tellsVanished,
      fetch: (_, since, onVanished) => messages(since, onVanished) as never,
      uids: async () => setOf([...this.flags.keys()] as Uid[]),
    };
  }

  async *#messages(since: bigint | undefined, onVanished: ((uids: ReturnType<typeof setOf<Uid>>) => void) | undefined) {
    const gone = this.#gone.filter(([, at]) => at > (since ?? 0n)).map(([id]) => uid(id));
    if (gone.length > 0) onVanished?.(setOf(gone));
    for (const [id, flags] of this.flags) {
      const at = this.#modSeqs.get(id)!;
      if (at > (since ?? 0n)) yield { uid: id, flags: flags === '' ? [] : [flags], modSeq: at };
    }
  }
}

describe('selecting again with QRESYNC', () => {
  test('tells what has changed (RFC 7162 section 3.2.5.1)', async () => {
    const { client } = await session(
      `${ENABLE}
       ${select(
         314,
         ['HIGHESTMODSEQ 90060115205545359', 'UNSEEN 7'],
         'SELECT INBOX (QRESYNC (67890007 90060115194045000 41,43:211,214:541))',
         `S: * VANISHED (EARLIER) 41,43:116,118,120:211,214:540
          S: * 49 FETCH (UID 117 FLAGS (\\Seen \\Answered) MODSEQ (90060115194045001))
          S: * 50 FETCH (UID 119 FLAGS (\\Draft $MDNSent) MODSEQ (90060115194045308))`,
       )}`,
      { capabilities: `${CAPABILITIES} QRESYNC`, connect: { enable: ['QRESYNC'] } },
    );
    const known = setOf([41, ...span(43, 211), ...span(214, 541)].map((id) => uid(id)));
    const point = { uidValidity: uidValidity(67890007), modSeq: modSeq(90060115194045000n), knownUids: known };
    const inbox = await client.select('INBOX', { resync: point });
    expect(formatSet(inbox.resync!.vanished)).toBe('41,43:116,118,120:211,214:540');
    expect(inbox.resync!.changed.map(({ uid, flags }) => [uid, flags.length])).toEqual([
      [117, 2],
      [119, 2],
    ]);
    expect([inbox.exists, inbox.resync!.isComplete, inbox.highestModSeq]).toEqual([314, true, 90060115205545359n]);
  });

  test('needs QRESYNC to be on', async () => {
    const { client } = await session('');
    const point = { uidValidity: uidValidity(1), modSeq: modSeq(1n) };
    expect(await outcome(client.select('INBOX', { resync: point }))).toMatchObject({ code: 'IMAP_UNSUPPORTED' });
  });
});

function span(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
