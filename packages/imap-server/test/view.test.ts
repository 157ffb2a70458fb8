import {
  type ChangePage,
  type Cursor,
  type Flag,
  type MessageSummary,
  modSeq,
  type SequenceNumber,
  type Uid,
  uid,
} from '@posthorn/core';
import { formatSet, parseSequenceSet, setOf } from '@posthorn/message-set';
import { describe, expect, test } from 'vitest';
import { MailboxView } from '../src/protocol.ts';

let steps = 0;

function summary(id: number, flags: readonly Flag[] = []): MessageSummary {
  return { uid: uid(id), modSeq: modSeq(1n), flags };
}

function page(change: Partial<ChangePage>): ChangePage {
  return {
    complete: true,
    added: [],
    changed: [],
    vanished: setOf<Uid>([]),
    cursor: `c${++steps}` as Cursor,
    highestModSeq: modSeq(1n),
    uidNext: 1000,
    ...change,
  };
}

/** A view whose client knows messages with these UIDs. */
function viewOf(...uids: readonly number[]): MailboxView {
  const view = new MailboxView();
  view.fold(page({ added: uids.map((id) => summary(id)) }));
  view.announce();
  return view;
}

const uids = (set: string) => ({ type: 'uids', set: parseSequenceSet<Uid>(set) }) as const;
const numbers = (set: string) => ({ type: 'sequenceNumbers', set: parseSequenceSet<SequenceNumber>(set) }) as const;
const resolved = (view: MailboxView, selector: Parameters<MailboxView['resolve']>[0]): string | undefined => {
  const set = view.resolve(selector);
  return set === undefined ? undefined : formatSet(set);
};

describe('sets of messages', () => {
  test('a set of UIDs names those that exist', () => {
    const view = viewOf(3, 5, 6, 9);
    expect(resolved(view, uids('1:5'))).toBe('1:2');
    expect(resolved(view, uids('4'))).toBe('');
    expect(resolved(view, uids('1:4294967295'))).toBe('1:4');
  });

  test('a star is the last UID, whichever side it stands on (RFC 9051 section 6.4.9)', () => {
    const view = viewOf(3, 5, 6, 9);
    expect(resolved(view, uids('*'))).toBe('4');
    expect(resolved(view, uids('100:*'))).toBe('4');
    expect(resolved(view, uids('*:6'))).toBe('3:4');
    expect(resolved(viewOf(), uids('1:*'))).toBe('');
  });

  test('a number that no message has is refused (RFC 9051 section 9, seq-number)', () => {
    const view = viewOf(3, 5, 6, 9);
    expect(resolved(view, numbers('2:*'))).toBe('2:4');
    expect(resolved(view, numbers('5'))).toBeUndefined();
    expect(resolved(view, numbers('1:5'))).toBeUndefined();
    expect(resolved(viewOf(), numbers('*'))).toBeUndefined();
    expect(resolved(viewOf(), numbers('1'))).toBeUndefined();
  });

  test('UIDs and numbers lead to each other', () => {
    const view = viewOf(3, 5, 6, 9);
    expect(view.numberOf(uid(6))).toBe(3);
    expect(view.numberOf(uid(7))).toBeUndefined();
    expect(view.uidAt(3 as SequenceNumber)).toBe(6);
    expect(formatSet(view.uidsOf(view.resolve(numbers('2:3'))!))).toBe('5:6');
  });
});

describe('what the client is told', () => {
  test('arrivals: EXISTS and RECENT, once', () => {
    const view = viewOf(1);
    view.fold(page({ added: [summary(2), summary(3)] }));
    view.claim(setOf([uid(3)]));
    expect(view.report()).toEqual([
      { type: 'exists', count: 3 },
      { type: 'recent', count: 1 },
    ]);
    expect(view.report()).toEqual([]);
    expect(view.flagsAt(3 as SequenceNumber)).toEqual(['\\Recent']);
  });

  test('expunges from the last to the first, without EXISTS', () => {
    const view = viewOf(1, 2, 3, 4, 5);
    view.fold(page({ vanished: setOf([uid(2), uid(4), uid(77)]) }));
    expect(view.report()).toEqual([
      { type: 'expunge', sequenceNumber: 4 },
      { type: 'expunge', sequenceNumber: 2 },
    ]);
    expect(view.exists).toBe(3);
    expect(view.numberOf(uid(5))).toBe(3);
  });

  test('expunges, then arrivals, then flags', () => {
    const view = viewOf(1, 2, 3);
    view.fold(page({ vanished: setOf([uid(1)]), added: [summary(4)], changed: [summary(3, ['\\Seen'])] }));
    expect(view.report()).toEqual([
      { type: 'expunge', sequenceNumber: 1 },
      { type: 'exists', count: 3 },
      { type: 'recent', count: 0 },
      { type: 'fetch', sequenceNumber: 2, items: { uid: 3, flags: ['\\Seen'] } },
    ]);
  });

  test('held expunges keep their numbers, and EXISTS counts them', () => {
    const view = viewOf(1, 2, 3);
    view.fold(page({ vanished: setOf([uid(2)]), added: [summary(4)] }));
    expect(view.report({ holdExpunges: true })).toMatchObject([{ type: 'exists', count: 4 }, { type: 'recent' }]);
    expect(view.numberOf(uid(3))).toBe(3);
    expect(view.hasVanishedIn(setOf([uid(2)]))).toBe(true);
    expect(view.report()).toEqual([{ type: 'expunge', sequenceNumber: 2 }]);
    expect(view.exists).toBe(3);
  });

  test('a message that came and went unnoticed is never mentioned', () => {
    const view = viewOf(1);
    view.fold(page({ added: [summary(2), summary(3)] }));
    view.fold(page({ vanished: setOf([uid(2)]) }));
    expect(view.report()).toMatchObject([{ type: 'exists', count: 2 }, { type: 'recent' }]);
    expect(view.numberOf(uid(3))).toBe(2);
  });

  test('new messages have no number before they are announced', () => {
    const view = viewOf(1);
    view.fold(page({ added: [summary(2)] }));
    expect(view.numberOf(uid(2))).toBeUndefined();
    expect(resolved(view, uids('1:*'))).toBe('1');
    view.announce();
    expect(resolved(view, uids('1:*'))).toBe('1:2');
  });

  test('a keyword is announced before a message has it', () => {
    const view = viewOf(1);
    view.flagResponses();
    view.fold(page({ changed: [summary(1, ['$Forwarded'])] }));
    expect(view.report().map(({ type }) => type)).toEqual(['flags', 'status', 'fetch']);
    view.fold(page({ changed: [summary(1, ['$forwarded', '\\Seen'])] }));
    expect(view.report().map(({ type }) => type)).toEqual(['fetch']);
  });

  test('a silent STORE is silent unless others changed the message too (RFC 9051 section 6.4.6)', () => {
    const view = viewOf(1, 2);
    const stored = [summary(1, ['\\Seen']), summary(2, ['\\Seen', '\\Flagged'])];
    view.applyStored(stored, (before) => [...before, '\\Seen']);
    view.fold(page({ changed: stored }));
    expect(view.report()).toEqual([
      { type: 'fetch', sequenceNumber: 2, items: { uid: 2, flags: ['\\Seen', '\\Flagged'] } },
    ]);
  });

  test('a store that forgot what happened is compared with', () => {
    const view = viewOf(1, 2, 3, 4);
    view.fold(page({ complete: false, added: [summary(2), summary(3, ['\\Seen']), summary(9)] }));
    expect(view.report()).toEqual([
      { type: 'expunge', sequenceNumber: 4 },
      { type: 'expunge', sequenceNumber: 1 },
      { type: 'exists', count: 3 },
      { type: 'recent', count: 0 },
      { type: 'fetch', sequenceNumber: 2, items: { uid: 3, flags: ['\\Seen'] } },
    ]);
  });

  test('a mailbox that is read-only has no permanent flags', () => {
    const view = new MailboxView({ allowsNewFlags: false });
    expect(view.flagResponses()).toMatchObject([
      { type: 'flags' },
      { code: { type: 'permanentFlags', flags: [], allowsNewKeywords: false } },
    ]);
  });
});

test('folding a hundred thousand messages takes time linear in what changed', () => {
  const time = (size: number): number => {
    const view = new MailboxView();
    const all = Array.from({ length: size }, (_, index) => summary(index * 2 + 1));
    const started = performance.now();
    view.fold(page({ added: all }));
    view.announce();
    view.fold(page({ vanished: setOf(all.filter((_, index) => index % 2 === 0).map((each) => each.uid)) }));
    expect(view.report()).toHaveLength(size / 2);
    for (const { uid: each } of all) view.numberOf(each);
    return performance.now() - started;
  };
  time(20_000);
  const [small, big] = [time(50_000), time(200_000)];
  expect(big).toBeLessThan(Math.max(small, 5) * 16);
});
