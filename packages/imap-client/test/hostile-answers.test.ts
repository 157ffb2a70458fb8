import { uid } from '@posthorn/core';
import { count } from '@posthorn/message-set';
import { describe, expect, test } from 'vitest';
import { CAPABILITIES, collect, outcome, selected, session } from './support.ts';

async function opened(transcript: string, capabilities: string, exists = 3) {
  const { client } = await session(`${selected(exists)}\n${transcript}`, {
    capabilities: `${CAPABILITIES} ${capabilities}`,
  });
  return { client, inbox: await client.select('INBOX') };
}

/** One chunk with an answer so many times. */
const often = (times: number, answer: (index: number) => string): string =>
  `S: ${Array.from({ length: times }, (_, index) => answer(index)).join('{x0d}{x0a}')}`;

describe('answers without end', () => {
  test('to GETQUOTA', async () => {
    const { client } = await opened(
      `C: {a} GETQUOTA x\n${often(20_000, (index) => `* QUOTA x${index} (STORAGE 1 2)`)}\nS: {a} OK done`,
      'QUOTA',
    );
    expect(await outcome(client.quota.get('x'))).toMatchObject({ code: 'IMAP_PROTOCOL' });
  });

  test('to CONVERT', async () => {
    const { inbox } = await opened(
      `C: {a} UID CONVERT 1:* (NIL) BINARY.SIZE[1]
       ${often(20_000, (index) => `* ${index + 1} CONVERTED (TAG "a") (BINARY.SIZE[1] 5)`)}
       S: {a} OK done`,
      'CONVERT',
    );
    expect(await outcome(inbox.convert('1:*', { to: null }, [{ part: [1], size: true }]))).toMatchObject({
      code: 'IMAP_PROTOCOL',
    });
  });

  test('to SEARCH take time in proportion, and are no result', async () => {
    const { inbox } = await opened(
      `C: {a} UID SEARCH ALL\n${often(20_000, (index) => `* SEARCH ${3 * index + 1}`)}\nS: {a} OK done`,
      '',
    );
    expect(await outcome(inbox.search({ type: 'all' }))).toMatchObject({ code: 'IMAP_PROTOCOL' });
  });

  test('to SORT, in numbers and in ranges', async () => {
    const { inbox } = await opened(
      `C: {a} UID SORT (DATE) UTF-8 ALL
       ${often(3, () => `* SORT ${Array.from({ length: 6000 }, (_, index) => index + 1).join(' ')}`)}
       S: {a} OK done
       C: {b} UID SORT (DATE) UTF-8 ALL
       S: * ESEARCH (TAG "x") UID ALL 1:4294967295
       S: {b} OK done`,
      'SORT',
    );
    expect(await outcome(inbox.sort(['DATE'], { type: 'all' }))).toMatchObject({ code: 'IMAP_PROTOCOL' });
    expect(await outcome(inbox.sort(['DATE'], { type: 'all' }))).toMatchObject({ code: 'IMAP_PROTOCOL' });
  });
});

describe('answers that cannot be', () => {
  test('a mailbox whose size is not told is no empty one', async () => {
    const { client } = await session(`
      C: {s} SELECT INBOX
      S: * OK [UIDVALIDITY 42] ok
      S: * OK [UIDNEXT 7] ok
      S: {s} OK done${selected(0)}`);
    const error = await outcome(client.select('INBOX'));
    expect(error).toMatchObject({ code: 'IMAP_PROTOCOL', transcript: expect.stringContaining('UIDNEXT 7') });
    expect((await client.select('INBOX')).exists).toBe(0);
  });

  test('more messages vanished than there are', async () => {
    const { client, inbox } = await opened(`C: {a} NOOP\nS: * VANISHED 1:4294967295\nS: {a} OK done`, '');
    await client.noop();
    expect(inbox.exists).toBe(0);
  });

  test('a search result of all numbers stays a range', async () => {
    const { inbox } = await opened(
      `C: {a} UID SEARCH RETURN (ALL COUNT PARTIAL 1:9) ALL
       S: * ESEARCH (TAG "x") UID ALL 1:4294967295 COUNT 7
       S: {a} OK done`,
      'ESEARCH PARTIAL',
    );
    const asked = { all: true, count: true, partial: { first: 1, last: 9 } } as const;
    const answer = await inbox.searchFor({ type: 'all' }, asked);
    expect([count(answer.all), answer.count, count(answer.partial)]).toEqual([4294967295, 7, 9]);
  });

  test('numbers far beyond the mailbox cost no memory', async () => {
    const { client, inbox } = await opened(
      `C: {a} UID FETCH 1:* (UID FLAGS)
       S: * 4294967295 FETCH (UID 7 FLAGS ())
       S: {a} OK done
       C: {b} NOOP
       S: * 4294967295 EXPUNGE
       S: * 4294967295 FETCH (FLAGS (x))
       S: {b} OK done`,
      '',
    );
    expect(await collect(inbox.fetch('1:*', { flags: true }))).toHaveLength(1);
    await client.noop();
    expect(inbox.exists).toBe(3);
  });

  test('fewer messages than were announced are not gone; keys of the prototype are plain words', async () => {
    const { inbox } = await opened(`C: {a} UID FETCH 1:* (UID FLAGS)\nS: {a} OK done`, '');
    const cursor = JSON.stringify({ version: 1, uidValidity: 42, uids: '1', flags: [['__proto__', '1']], x: 1 });
    const changes = await collect(inbox.changes(cursor));
    expect(changes.map(({ type }) => type)).toEqual(['cursor']);
  });

  test('a section that was not asked for is nobody’s', async () => {
    const { inbox } = await opened(
      `C: {a} UID FETCH 1 (UID BODY.PEEK[1])
       S: * 1 FETCH (UID 1 BODY[2] "evil" BODY[1]<5> "evil" BINARY[1] "evil" BODY[1] "good")
       S: {a} OK done`,
      '',
    );
    const [message] = await collect(inbox.fetch('1', { sections: { one: { part: [1] } } }));
    expect([message?.uid, new TextDecoder().decode(message?.sections.one ?? undefined)]).toEqual([uid(1), 'good']);
  });
});
