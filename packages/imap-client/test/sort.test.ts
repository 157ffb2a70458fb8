import { expect, test } from 'vitest';
import { CAPABILITIES, outcome, selected, session } from './support.ts';

const ESORT = { capabilities: `${CAPABILITIES} SORT ESORT CONTEXT=SORT` };
const ALL = { type: 'all' } as const;

test('a window of a sort is all that the server tells (RFC 5267 section 4.4)', async () => {
  const { client, server } = await session(
    `${selected(500)}
     C: {a} UID SORT RETURN (COUNT PARTIAL 23500:24000) (REVERSE DATE) UTF-8 UNDELETED
     S: * ESEARCH (TAG "{a}") UID PARTIAL (23500:24000 55500,32:34,7) COUNT 24000
     S: {a} OK done
     C: {b} UID SORT RETURN (MIN MAX) (SIZE) UTF-8 ALL
     S: * ESEARCH (TAG "{b}") UID MIN 9 MAX 2
     S: {b} OK done
     C: {c} SORT RETURN (ALL) (ARRIVAL) UTF-8 ALL
     S: * ESEARCH (TAG "{c}") ALL 3,1:2
     S: {c} OK done`,
    ESORT,
  );
  const inbox = await client.select('INBOX');
  const undeleted = { type: 'not', query: { type: 'flag', flag: '\\Deleted' } } as const;
  const window = { count: true, partial: { first: 23_500, last: 24_000 } } as const;
  const found = await inbox.sortFor([{ key: 'DATE', reverse: true }], undeleted, window);
  expect(found).toEqual({ count: 24_000, partial: [55_500, 32, 33, 34, 7] });
  expect(await inbox.sortFor(['SIZE'], ALL, { min: true, max: true })).toEqual({ min: 9, max: 2 });
  expect(await inbox.sort(['ARRIVAL'], ALL, { by: 'sequenceNumbers' })).toEqual([3, 1, 2]);
  expect((await server).outcome).toBe('done');
});

test('a window beyond the end is empty, and so is one of nothing', async () => {
  const { client } = await session(
    `${selected(3)}
     C: {a} UID SORT RETURN (PARTIAL 10:20) (DATE) UTF-8 ALL
     S: * ESEARCH (TAG "{a}") UID PARTIAL (10:20 NIL)
     S: {a} OK done${selected(0)}`,
    ESORT,
  );
  const partial = { first: 10, last: 20 };
  expect(await (await client.select('INBOX')).sortFor(['DATE'], ALL, { partial })).toEqual({ partial: [] });
  const empty = await (await client.select('INBOX')).sortFor(['DATE'], ALL, {
    all: true,
    min: true,
    count: true,
    partial,
  });
  expect(empty).toEqual({ all: [], min: undefined, count: 0, partial: [] });
});

test.each([
  [
    'from the end',
    ESORT.capabilities,
    'RETURN (ALL) ',
    '* ESEARCH (TAG "{a}") UID ALL 5,3:4,1',
    { first: -1, last: -2 },
    [4, 1],
  ],
  [
    'without CONTEXT=SORT',
    `${CAPABILITIES} SORT ESORT`,
    'RETURN (ALL) ',
    '* ESEARCH (TAG "{a}") UID ALL 5,3:4,1',
    { first: 1, last: 3 },
    [5, 3, 4],
  ],
  ['without ESORT', `${CAPABILITIES} SORT`, '', '* SORT 5 3 4 1', { first: 2, last: 3 }, [3, 4]],
])('a window %s is cut here', async (_, capabilities, returns, answer, partial, expected) => {
  const { client } = await session(
    `${selected(5)}
     C: {a} UID SORT ${returns}(DATE) UTF-8 ALL
     S: ${answer}
     S: {a} OK done`,
    { capabilities },
  );
  const inbox = await client.select('INBOX');
  expect(await inbox.sortFor(['DATE'], ALL, { partial, max: undefined })).toEqual({ partial: expected });
});

test('without SORT the figures are worked out here', async () => {
  const envelope = (day: number): string => `("${day} Jan 2030 10:00:00 +0000" NIL NIL NIL NIL NIL NIL NIL NIL NIL)`;
  const date = 'INTERNALDATE "01-Jan-2030 00:00:00 +0000" RFC822.SIZE 9';
  const { client } = await session(`${selected(3)}
     C: {a} UID SEARCH ALL
     S: * SEARCH 1 2 3
     S: {a} OK done
     C: {b} UID FETCH 1:3 (UID INTERNALDATE RFC822.SIZE ENVELOPE)
     S: * 1 FETCH (UID 1 ${date} ENVELOPE ${envelope(3)})
     S: * 2 FETCH (UID 2 ${date} ENVELOPE ${envelope(1)})
     S: * 3 FETCH (UID 3 ${date} ENVELOPE ${envelope(2)})
     S: {b} OK done`);
  const inbox = await client.select('INBOX');
  const question = { min: true, max: true, count: true, partial: { first: 2, last: 5 } } as const;
  expect(await inbox.sortFor(['DATE'], ALL, question)).toEqual({ min: 2, max: 1, count: 3, partial: [3, 1] });
});

test('what makes no sense is refused before anything is sent', async () => {
  const { client } = await session(selected(3), ESORT);
  const inbox = await client.select('INBOX');
  expect(await outcome(inbox.sortFor(['DATE'], ALL, {}))).toBeInstanceOf(RangeError);
  expect(await outcome(inbox.sortFor(['DATE'], ALL, { partial: { first: 0, last: 3 } }))).toBeInstanceOf(RangeError);
  expect(await outcome(inbox.sortFor(['DATE'], ALL, { save: true } as never))).toBeInstanceOf(TypeError);
});

test('a server that sorts more than there is, is not believed', async () => {
  const { client } = await session(
    `${selected(3)}
     C: {a} UID SORT RETURN (PARTIAL 1:9) (DATE) UTF-8 ALL
     S: * ESEARCH (TAG "{a}") UID PARTIAL (1:9 1:4000000)
     S: {a} OK done`,
    ESORT,
  );
  const inbox = await client.select('INBOX');
  const sorted = inbox.sortFor(['DATE'], ALL, { partial: { first: 1, last: 9 } });
  expect(await outcome(sorted)).toMatchObject({ code: 'IMAP_PROTOCOL' });
});
