import { uid } from '@posthorn/core';
import type { SelectedMailbox } from '@posthorn/imap-client';
import { formatSet, setOf } from '@posthorn/message-set';
import { expect, it } from 'vitest';
import type { TrialSetting } from './subject.ts';

/** Searching, sorting and threading; what the server cannot do is done here. */
export function trySearching({ trial, lacks }: TrialSetting): void {
  const flagged = { type: 'flag', flag: '\\Flagged' } as const;

  /** Messages 1, 3 and 4, of which 3 is flagged. */
  async function ordered(name: string): Promise<SelectedMailbox> {
    const client = await trial().login();
    const mailbox = await trial().filled(client, name, ['b', 'a', 'Re: b', 'c']);
    await mailbox.store('3', 'add', ['\\Flagged']);
    await mailbox.store('2', 'add', ['\\Deleted']);
    await mailbox.expunge();
    return mailbox;
  }

  it('searches by UID and by number, for figures too', async () => {
    const mailbox = await ordered('Searched');
    const found = async (query: Parameters<typeof mailbox.search>[0]): Promise<string> =>
      formatSet(await mailbox.search(query));
    expect(await found(flagged)).toBe('3');
    expect(formatSet(await mailbox.search(flagged, { by: 'sequenceNumbers' }))).toBe('2');
    expect(await found({ type: 'not', query: flagged })).toBe('1,4');
    expect(await found({ type: 'or', left: flagged, right: { type: 'uid', uids: setOf([uid(4)]) } })).toBe('3:4');
    expect(await found([flagged, { type: 'not', query: flagged }])).toBe('');
    expect(await found({ type: 'size', compare: 'larger', octets: 10_000 })).toBe('');
    const figures = { min: true, max: true, count: true, all: true } as const;
    expect(await mailbox.searchFor({ type: 'all' }, figures)).toMatchObject({ min: 1, max: 4, count: 3 });
    if (lacks('stringSearch')) return;
    expect(await found({ type: 'header', name: 'Message-ID', value: '3@example.org' })).toBe('4');
    expect(await found({ type: 'text', where: 'body', value: 'Grüße' })).toBe('1,3:4');
    const day = { year: 2030, month: 1, day: 3 };
    expect(await found({ type: 'date', which: 'sent', compare: 'since', date: day })).toBe('3:4');
  });

  it('sorts and threads', async () => {
    const mailbox = await ordered('Ordered');
    expect(await mailbox.sort([{ key: 'SUBJECT', reverse: true }, 'DATE'], { type: 'all' })).toEqual([4, 1, 3]);
    expect(await mailbox.sort(['DATE'], flagged, { by: 'sequenceNumbers' })).toEqual([2]);
    for (const algorithm of ['REFERENCES', 'ORDEREDSUBJECT']) {
      const threads = await mailbox.thread(algorithm, { type: 'all' });
      expect(threads).toMatchObject([
        { id: 1, children: [{ id: 3, children: [] }] },
        { id: 4, children: [] },
      ]);
    }
  });
}
