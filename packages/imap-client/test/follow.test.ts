import { formatSet } from '@posthorn/message-set';
import { describe, expect, test } from 'vitest';
import type { SearchUpdate, SelectedMailbox, SortUpdate } from '../src/index.ts';
import { CAPABILITIES, outcome, selected, session } from './support.ts';

const CONTEXT = { capabilities: `${CAPABILITIES} ESEARCH CONTEXT=SEARCH SORT ESORT CONTEXT=SORT MULTISEARCH` };
const ALL = { type: 'all' } as const;
const DELETED = { type: 'flag', flag: '\\Deleted' } as const;

/** Goes through updates, and does something after each. */
async function follow<Update>(
  updates: AsyncIterable<Update>,
  after: (count: number) => Promise<unknown>,
): Promise<readonly Update[]> {
  const came: Update[] = [];
  for await (const update of updates) {
    came.push(update);
    if ((await after(came.length)) === 'enough') break;
  }
  return came;
}

function applied(updates: readonly SortUpdate[]): readonly number[] {
  const list: number[] = [];
  for (const update of updates) {
    if (update.type === 'found') list.push(...update.uids);
    else if (update.type === 'added') list.splice(update.index, 0, ...update.uids);
    else if (update.type === 'removed') expect(list.splice(update.index, update.uids.length)).toEqual(update.uids);
  }
  return list;
}

describe('a sort that is followed (RFC 5267 section 4.3)', () => {
  test('tells where messages come and go', async () => {
    const { client, server } = await session(
      `${selected(30)}
       C: {a} UID SORT RETURN (ALL UPDATE) (REVERSE DATE) UTF-8 DELETED
       S: * ESEARCH (TAG "{a}") UID ALL 2734:2735
       S: {a} OK done
       C: {b} NOOP
       S: * ESEARCH (TAG "{a}") UID ADDTO (1 2733 1 2732 1 2731)
       S: * ESEARCH (TAG "other") UID ADDTO (1 9)
       S: * ESEARCH (TAG "{a}") UID REMOVEFROM (5 2735 2 2732:2733) ADDTO (3 7:8)
       S: {b} OK done
       C: {c} NOOP
       S: * NO [NOUPDATE "{a}"] too much work
       S: {c} OK done
       C: {d} CANCELUPDATE "{a}"
       S: {d} OK done`,
      CONTEXT,
    );
    const inbox = await client.select('INBOX');
    const updates = await follow(inbox.followSorted([{ key: 'DATE', reverse: true }], DELETED), async (count) => {
      if (count === 1 || count === 7) await client.noop();
      return count === 8 ? 'enough' : '';
    });
    expect(updates).toEqual([
      { type: 'found', uids: [2734, 2735] },
      { type: 'added', index: 0, uids: [2733] },
      { type: 'added', index: 0, uids: [2732] },
      { type: 'added', index: 0, uids: [2731] },
      { type: 'removed', index: 4, uids: [2735] },
      { type: 'removed', index: 1, uids: [2732, 2733] },
      { type: 'added', index: 2, uids: [7, 8] },
      { type: 'stale' },
    ]);
    expect(applied(updates)).toEqual([2731, 2734, 7, 8]);
    expect((await server).outcome).toBe('done');
  });

  test.each([
    ['behind the end', 'ADDTO (4 9)'],
    ['at no position', 'ADDTO (0 9)'],
    ['that takes away more than there is', 'REMOVEFROM (2 3:4)'],
    ['of more messages than there are', 'ADDTO (1 1:4294967295)'],
    ['up to any message', 'ADDTO (1 5:*)'],
  ])('ends with an error at an update %s', async (_, change) => {
    const { client } = await session(
      `${selected(2)}
       C: {a} UID SORT RETURN (ALL UPDATE) (DATE) UTF-8 ALL
       S: * ESEARCH (TAG "{a}") UID ALL 3,1
       S: {a} OK done
       C: {b} NOOP
       S: * ESEARCH (TAG "{a}") UID ${change}
       S: {b} OK done
       C: {c} CANCELUPDATE "{a}"
       S: {c} OK done`,
      CONTEXT,
    );
    const inbox = await client.select('INBOX');
    const loop = follow(inbox.followSorted(['DATE'], ALL), () => client.noop());
    expect(await outcome(loop)).toMatchObject({ code: 'IMAP_PROTOCOL' });
  });

  test('is refused before anything is sent where the server cannot', async () => {
    const { client } = await session(selected(1), { capabilities: `${CAPABILITIES} SORT ESORT CONTEXT=SORT` });
    const inbox = await client.select('INBOX');
    expect(() => inbox.followSorted(['DISPLAYFROM'], ALL)).toThrow(/cannot sort/);
    expect(() => inbox.follow(ALL)).toThrow(/CONTEXT=SEARCH/);
    const other = await session(selected(1), { capabilities: `${CAPABILITIES} SORT` });
    const mailbox = await other.client.select('INBOX');
    expect(() => mailbox.followSorted(['DATE'], ALL)).toThrow(/CONTEXT=SORT/);
  });
});

describe('what is told of a search that is followed', () => {
  const command: readonly (readonly [string, string, string, (inbox: SelectedMailbox) => Promise<unknown>, unknown])[] =
    [
      [
        'a search',
        'UID SEARCH RETURN (ALL) ALL',
        '* ESEARCH (TAG "{b}") UID ALL 1:2',
        async (inbox) => formatSet(await inbox.search(ALL)),
        '1:2',
      ],
      [
        'a sort',
        'UID SORT RETURN (ALL) (DATE) UTF-8 ALL',
        '* ESEARCH (TAG "{b}") UID ALL 2,1',
        (inbox) => inbox.sort(['DATE'], ALL),
        [2, 1],
      ],
      [
        'another search that is followed',
        'UID SEARCH RETURN (ALL UPDATE) ALL',
        '* ESEARCH (TAG "{b}") UID ALL 1:2',
        async (inbox) => {
          for await (const update of inbox.follow(ALL)) return update.type;
          return undefined;
        },
        'found',
      ],
    ];

  test.each(command)('is not lost in %s', async (_, line, answer, run, result) => {
    const { client } = await session(
      `${selected(2)}
       C: {a} UID SEARCH RETURN (ALL UPDATE) DELETED
       S: * ESEARCH (TAG "{a}") UID
       S: {a} OK done
       C: {b} ${line}
       S: * ESEARCH (TAG "{a}") UID ADDTO (0 2)
       S: ${answer}
       S: {b} OK done`,
      CONTEXT,
    );
    const inbox = await client.select('INBOX');
    let answered: unknown;
    const updates = await follow<SearchUpdate>(inbox.follow(DELETED), async (count) => {
      if (count === 2) return 'enough';
      answered = await run(inbox);
      return '';
    });
    expect(updates.map((update) => (update.type === 'stale' ? 'stale' : formatSet(update.uids)))).toEqual(['', '2']);
    expect(answered).toEqual(result);
  });

  test('is not lost in a command that has no method', async () => {
    const { client } = await session(
      `${selected(2)}
       C: {a} UID SEARCH RETURN (ALL UPDATE) DELETED
       S: * ESEARCH (TAG "{a}") UID
       S: {a} OK done
       C: {b} XTHING
       S: * ESEARCH (TAG "{a}") UID ADDTO (0 2)
       S: {b} OK done`,
      CONTEXT,
    );
    const inbox = await client.select('INBOX');
    const updates = await follow(inbox.follow(DELETED), async (count) => {
      if (count === 2) return 'enough';
      const { untagged } = await client.command({ name: 'X', command: 'XTHING', raw: new Uint8Array() });
      expect(untagged).toHaveLength(1);
      return '';
    });
    expect(updates).toHaveLength(2);
  });

  test('is not lost in a search of several mailboxes', async () => {
    const { client } = await session(
      `${selected(2)}
       C: {a} UID SEARCH RETURN (ALL UPDATE) DELETED
       S: * ESEARCH (TAG "{a}") UID
       S: {a} OK done
       C: {b} ESEARCH IN (PERSONAL) RETURN (COUNT) ALL
       S: * ESEARCH (TAG "{a}") UID ADDTO (0 2)
       S: * ESEARCH (TAG "{b}" MAILBOX "INBOX" UIDVALIDITY 1) COUNT 2
       S: {b} OK done`,
      CONTEXT,
    );
    const inbox = await client.select('INBOX');
    const updates = await follow(inbox.follow(DELETED), async (count) => {
      if (count === 2) return 'enough';
      const [found] = await client.search([{ type: 'personal' }], ALL, { count: true });
      expect(found?.answer.count).toBe(2);
      return '';
    });
    expect(updates).toHaveLength(2);
  });
});
