import { type SearchQuery, type SequenceNumber, type Uid, uid } from '@posthorn/core';
import { emptySet, formatSet, rangeSet, setFromRanges, setOf } from '@posthorn/message-set';
import { CommandDecoder, encodeCommand } from '@posthorn/wire';
import { extensionCommand, readExtensionCommand, type SearchKey } from '@posthorn/wire/extensions';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ImapError, ServerRefusedError } from '../src/index.ts';
import { toSearchKey } from '../src/search/search-key.ts';
import { CAPABILITIES, outcome, selected, session } from './support.ts';

const UNSEEN: SearchQuery = { type: 'not', query: { type: 'flag', flag: '\\Seen' } };
const FROM_SMITH: SearchQuery = { type: 'header', name: 'From', value: 'Smith' };

async function opened(transcript: string, capabilities = CAPABILITIES, exists = 9) {
  const { client, server } = await session(`${selected(exists)}\n${transcript}`, {
    capabilities,
    connect: { enable: [] },
  });
  return { client, server, inbox: await client.select('INBOX') };
}

describe('search', () => {
  test('asks for UIDs (RFC 9051 section 6.4.4)', async () => {
    const { inbox } = await opened(`
      C: {a} UID SEARCH FLAGGED SINCE 1-Feb-1994 NOT FROM Smith
      S: * SEARCH 2 84 882
      S: {a} OK SEARCH completed`);
    const found = await inbox.search([
      { type: 'flag', flag: '\\Flagged' },
      { type: 'date', which: 'internal', compare: 'since', date: { year: 1994, month: 2, day: 1 } },
      { type: 'not', query: FROM_SMITH },
    ]);
    expect(formatSet(found)).toBe('2,84,882');
  });

  test('asks for ranges where the server has them (RFC 4731 section 3.1)', async () => {
    const { inbox } = await opened(
      `C: {a} UID SEARCH RETURN (ALL) UNSEEN
       S: * ESEARCH (TAG "{a}") UID ALL 1,4:4294967295
       S: {a} OK SEARCH completed
       C: {b} UID SEARCH RETURN (ALL) ALL
       S: * ESEARCH (TAG "{b}") UID
       S: {b} OK SEARCH completed`,
      `${CAPABILITIES} ESEARCH`,
    );
    expect(formatSet(await inbox.search(UNSEEN))).toBe('1,4:4294967295');
    expect(formatSet(await inbox.search({ type: 'all' }))).toBe('');
  });

  test('understands both answers whatever was asked, and none', async () => {
    const { inbox } = await opened(
      `C: {a} UID SEARCH RETURN (ALL) UNSEEN
       S: * SEARCH 5 3
       S: * SEARCH 4 
       S: {a} OK done
       C: {b} UID SEARCH RETURN (ALL) UNSEEN
       S: {b} OK done`,
      `${CAPABILITIES} ESEARCH`,
    );
    expect(formatSet(await inbox.search(UNSEEN))).toBe('3:5');
    expect(formatSet(await inbox.search(UNSEEN))).toBe('');
  });

  test.each<[string, SearchQuery | readonly SearchQuery[]]>([
    ['ALL', []],
    ['ALL', { type: 'not', query: { type: 'uid', uids: emptySet() } }],
    ['KEYWORD $Work', { type: 'flag', flag: '$Work' }],
    ['UNKEYWORD $Work', { type: 'not', query: { type: 'flag', flag: '$Work' } }],
    ['RECENT', { type: 'flag', flag: '\\Recent' }],
    ['OR FROM Smith UNSEEN', { type: 'or', left: FROM_SMITH, right: UNSEEN }],
    ['FROM Smith', { type: 'or', left: FROM_SMITH, right: { type: 'uid', uids: emptySet() } }],
    ['NOT (FROM Smith UNSEEN)', { type: 'not', query: { type: 'and', queries: [FROM_SMITH, UNSEEN] } }],
    ['HEADER Message-ID <a@b>', { type: 'header', name: 'Message-ID', value: '<a@b>' }],
    ['HEADER X-Y ""', { type: 'header', name: 'X-Y', value: '' }],
    ['SUBJECT "a \\"b\\" \\\\"', { type: 'header', name: 'subject', value: 'a "b" \\' }],
    ['BODY x', { type: 'text', where: 'body', value: 'x' }],
    ['TEXT "NIL"', { type: 'text', where: 'text', value: 'NIL' }],
    ['SENTON 9-Nov-2026', { type: 'date', which: 'sent', compare: 'on', date: { year: 2026, month: 11, day: 9 } }],
    [
      'LARGER 10 SMALLER 20',
      [
        { type: 'size', compare: 'larger', octets: 10 },
        { type: 'size', compare: 'smaller', octets: 20 },
      ],
    ],
    [
      'UID 3:5 2',
      [
        { type: 'uid', uids: rangeSet(uid(3), uid(5)) },
        { type: 'sequence', numbers: setOf([2 as SequenceNumber]) },
      ],
    ],
  ])('spells %s', async (keys, criteria) => {
    const { inbox } = await opened(`C: {a} UID SEARCH ${keys}\nS: * SEARCH 1\nS: {a} OK done`);
    expect(formatSet(await inbox.search(criteria))).toBe('1');
  });

  test('names the charset only when it matters, and never once UTF-8 is on (RFC 6855 section 3)', async () => {
    const query: SearchQuery = { type: 'text', where: 'body', value: 'Grüße' };
    const { inbox, client } = await opened(
      `C: {a} UID SEARCH CHARSET UTF-8 BODY {7+}
       C: Grüße
       S: * SEARCH 1
       S: {a} OK done
       C: {b} ENABLE UTF8=ACCEPT
       S: * ENABLED UTF8=ACCEPT
       S: {b} OK done
       C: {c} UID SEARCH BODY {7+}
       C: Grüße
       S: * SEARCH 2
       S: {c} OK done`,
      `${CAPABILITIES} ENABLE UTF8=ACCEPT`,
    );
    expect(formatSet(await inbox.search(query))).toBe('1');
    await client.enable(['UTF8=ACCEPT']);
    expect(formatSet(await inbox.search(query))).toBe('2');
  });

  test('waits with a literal where it must', async () => {
    const { inbox } = await opened(
      `C: {a} UID SEARCH CHARSET UTF-8 SUBJECT {2}
       S: + go ahead
       C: ü UNSEEN
       S: * SEARCH 7
       S: {a} OK done`,
      'IMAP4rev1',
    );
    expect(formatSet(await inbox.search([{ type: 'header', name: 'Subject', value: 'ü' }, UNSEEN]))).toBe('7');
  });

  test('asks nothing when nothing can be found', async () => {
    const { inbox } = await opened('', CAPABILITIES, 0);
    expect(formatSet(await inbox.search(UNSEEN))).toBe('');
    const other = (await opened('')).inbox;
    for (const criteria of [
      { type: 'uid', uids: emptySet<Uid>() },
      { type: 'not', query: { type: 'all' } },
      { type: 'and', queries: [UNSEEN, { type: 'sequence', numbers: emptySet<SequenceNumber>() }] },
    ] satisfies SearchQuery[])
      expect(formatSet(await other.search(criteria))).toBe('');
  });

  test('asks for a long set of UIDs in several commands', async () => {
    const odd = Array.from({ length: 3000 }, (_, index) => uid(2 * index + 1_000_001));
    const { inbox } = await opened(`
      C: {a} UID SEARCH FROM Smith UID {any}
      S: * SEARCH 1000001
      S: {a} OK done
      C: {b} UID SEARCH FROM Smith UID {any}
      S: * SEARCH
      S: {b} OK done
      C: {c} UID SEARCH FROM Smith UID {any}
      S: * SEARCH 1005999
      S: {c} OK done`);
    expect(formatSet(await inbox.search([FROM_SMITH, { type: 'uid', uids: setOf(odd) }]))).toBe('1000001,1005999');
  });

  test('refusals, and answers nobody can read', async () => {
    const { inbox } = await opened(
      `C: {a} UID SEARCH RETURN (ALL) UNSEEN
       S: {a} NO [BADCHARSET (US-ASCII)] sorry
       C: {b} UID SEARCH RETURN (ALL) UNSEEN
       S: * ESEARCH (TAG "{b}") UID ALL 1:*
       S: {b} OK done
       C: {c} UID SEARCH RETURN (ALL) UNSEEN
       S: * ESEARCH (TAG "{c}") UID ALL x
       S: {c} OK done
       C: {d} UID SEARCH RETURN (ALL) UNSEEN
       S: * SEARCH 1 x
       S: {d} OK done
       C: {e} UID SEARCH RETURN (ALL) UNSEEN
       S: * SEARCH 1
       S: {e} OK done`,
      `${CAPABILITIES} ESEARCH`,
    );
    expect(await outcome(inbox.search(UNSEEN))).toBeInstanceOf(ServerRefusedError);
    for (let broken = 0; broken < 3; broken++)
      expect(await outcome(inbox.search(UNSEEN))).toMatchObject({ code: 'IMAP_PROTOCOL' });
    expect(formatSet(await inbox.search(UNSEEN))).toBe('1');
  });

  test('what the server does not know, and what cannot be sent, is not sent', async () => {
    const { inbox } = await opened('');
    for (const [criteria, capability] of [
      [{ type: 'age', compare: 'younger', seconds: 5 }, 'WITHIN'],
      [{ type: 'not', query: { type: 'modSeq', atLeast: 5n as never } }, 'CONDSTORE'],
      [{ type: 'or', left: UNSEEN, right: { type: 'emailId', id: 'M1' } }, 'OBJECTID'],
      [[UNSEEN, { type: 'date', which: 'saved', compare: 'on', date: { year: 2026, month: 1, day: 1 } }], 'SAVEDATE'],
    ] satisfies (readonly [SearchQuery | readonly SearchQuery[], string])[]) {
      const error = await outcome(inbox.search(criteria));
      expect(error).toBeInstanceOf(ImapError);
      expect(error).toMatchObject({ code: 'IMAP_UNSUPPORTED', message: expect.stringContaining(capability) });
    }
    for (const criteria of [
      { type: 'text', where: 'body', value: 'a\0b' },
      { type: 'flag', flag: 'a b' },
      { type: 'size', compare: 'larger', octets: -1 },
      { type: 'date', which: 'sent', compare: 'on', date: { year: 2026, month: 2, day: 30 } },
    ] satisfies SearchQuery[])
      expect(await outcome(inbox.search(criteria))).toBeInstanceOf(RangeError);
  });

  test('keys of extensions are sent to servers that know them', async () => {
    const { inbox } = await opened(
      'C: {a} UID SEARCH YOUNGER 5 EMAILID M1 MODSEQ 7\nS: * SEARCH 1 (MODSEQ 9)\nS: {a} OK done',
      `${CAPABILITIES} WITHIN OBJECTID CONDSTORE`,
    );
    const found = await inbox.search([
      { type: 'age', compare: 'younger', seconds: 5 },
      { type: 'emailId', id: 'M1' },
      { type: 'modSeq', atLeast: 7n as never },
    ]);
    expect(formatSet(found)).toBe('1');
  });

  test('an aborted search is not sent, if it was not sent already', async () => {
    const { inbox, client } = await opened('C: {a} NOOP\nS: {a} OK done');
    const stop = new AbortController();
    const reason = new Error('enough');
    const searching = outcome(inbox.search(UNSEEN, { signal: stop.signal }));
    stop.abort(reason);
    expect(await searching).toBe(reason);
    await client.noop();
    expect(await outcome(inbox.search(UNSEEN, { signal: stop.signal }))).toBe(reason);
  });

  test('needs the mailbox to be selected', async () => {
    const { inbox } = await opened('C: {a} UNSELECT\nS: {a} OK done');
    await inbox.close();
    expect(await outcome(inbox.search(UNSEEN))).toMatchObject({ code: 'INVALID_STATE' });
  });

  test('a set of all there is stays one range', async () => {
    const { inbox } = await opened('C: {a} UID SEARCH UID 1:4294967295\nS: * SEARCH 1\nS: {a} OK done');
    const all = setFromRanges([{ first: uid(1), last: uid(4_294_967_295) }]);
    expect(formatSet(await inbox.search({ type: 'uid', uids: all }))).toBe('1');
  });
});

/** Queries as they stand on the wire: what is worked out before is left out. */
const leaf: fc.Arbitrary<SearchQuery> = fc.oneof(
  fc.record({ type: fc.constant('header'), name: fc.string({ minLength: 1 }), value: fc.string({ unit: 'grapheme' }) }),
  fc.record({
    type: fc.constant('text'),
    where: fc.constantFrom('body', 'text'),
    value: fc.string({ unit: 'grapheme' }),
  }),
  fc.record({ type: fc.constant('size'), compare: fc.constantFrom('larger', 'smaller'), octets: fc.nat() }),
);
const { query } = fc.letrec<{ query: SearchQuery }>((tie) => ({
  query: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.record({ type: fc.constant('not'), query: tie('query') }),
    fc.record({ type: fc.constant('or'), left: tie('query'), right: tie('query') }),
    fc.record({ type: fc.constant('and'), queries: fc.array(tie('query'), { minLength: 2, maxLength: 3 }) }),
  ),
}));

test('a server reads just what was asked, whatever the strings hold', () => {
  fc.assert(
    fc.property(query, (asked) => {
      const key = toSearchKey(asked);
      if (key === 'nothing') throw new Error('there is always something to find here');
      const command = extensionCommand({ name: 'SEARCH', isUid: true, charset: 'UTF-8', key });
      const decoder = new CommandDecoder({ maxLineBytes: 65_536, maxLiteralBytes: 65_536 });
      for (const piece of encodeCommand('A1', command, { literalPlus: true }))
        if (piece.type === 'bytes') decoder.push(piece.bytes);
      let event = decoder.next();
      for (; event?.type === 'literal'; event = decoder.next()) decoder.acceptLiteral();
      if (event?.type !== 'command' || event.command.name !== 'X') throw new Error('expected one command');
      expect(readExtensionCommand(event.command)).toEqual({
        name: 'SEARCH',
        isUid: true,
        charset: 'UTF-8',
        key: upper(key),
      });
      expect(decoder.next()).toBeUndefined();
    }),
  );
});

/** The names of fields that have keys of their own come back in upper case. */
function upper(key: SearchKey): SearchKey {
  switch (key.type) {
    case 'and':
      return { ...key, keys: key.keys.map(upper) };
    case 'or':
      return { ...key, left: upper(key.left), right: upper(key.right) };
    case 'not':
      return { ...key, key: upper(key.key) };
    case 'header':
      return /^(bcc|cc|from|subject|to)$/i.test(key.name) ? { ...key, name: key.name.toUpperCase() } : key;
    default:
      return key;
  }
}
