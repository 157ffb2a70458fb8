import type { Address } from '@posthorn/core';
import { describe, expect, it } from 'vitest';
import { displayName, type SortableMessage, type SortKey, sortableMessage, sortMessages } from '../src/index.ts';

const address = (mailbox: string | null, host: string | null = 'x', name: string | null = null): Address => ({
  name,
  route: null,
  mailbox,
  host,
});
const at = (epochSeconds: number) => ({ epochSeconds });
const sorted = (messages: readonly SortableMessage[], ...order: readonly SortKey[]): readonly number[] =>
  sortMessages(
    messages,
    order.map((key) => ({ key })),
  ).map(({ number }) => number);

describe('sortMessages', () => {
  it('sorts by each key, what is missing first, equals in the order of the mailbox', () => {
    const messages: readonly SortableMessage[] = [
      { number: 9, subject: 'b', from: address('B'), to: address('c'), cc: address('a'), size: 3, internalDate: at(1) },
      { number: 5, subject: 'Re: B', from: address('a'), to: address('C'), cc: address('b'), size: 3 },
      { number: 7, subject: '[x] A', sentDate: at(2), internalDate: at(5) },
      { number: 1, internalDate: at(-5), size: 1, sentDate: at(1) },
    ];
    expect(sorted(messages, 'SUBJECT')).toEqual([1, 7, 9, 5]);
    expect(sorted(messages, 'FROM')).toEqual([7, 1, 5, 9]);
    expect(sorted(messages, 'TO')).toEqual([7, 1, 9, 5]);
    expect(sorted(messages, 'CC')).toEqual([7, 1, 9, 5]);
    expect(sorted(messages, 'SIZE')).toEqual([7, 1, 9, 5]);
    expect(sorted(messages, 'ARRIVAL')).toEqual([1, 5, 9, 7]);
    expect(sorted(messages, 'DATE')).toEqual([5, 9, 1, 7]);
    expect(sorted(messages, 'SIZE', 'SUBJECT')).toEqual([7, 1, 9, 5]);
    expect(sorted([], 'SIZE')).toEqual([]);
    expect(sorted(messages)).toEqual([9, 5, 7, 1]);
  });

  it('refuses a criterion it does not know', () => {
    expect(() => sortMessages([{ number: 1 }], [{ key: 'COLOUR' as 'SIZE' }])).toThrow(TypeError);
  });

  it('reverses one criterion, and not the order of equals', () => {
    const messages = [
      { number: 1, size: 1 },
      { number: 2, size: 2 },
      { number: 3, size: 1 },
    ];
    const reversed = sortMessages(messages, [{ key: 'SIZE', isReverse: true }]);
    expect(reversed.map(({ number }) => number)).toEqual([2, 1, 3]);
  });

  it('compares by another collation when asked to', () => {
    const messages = [
      { number: 1, subject: 'é' },
      { number: 2, subject: 'f' },
    ];
    expect(sorted(messages, 'SUBJECT')).toEqual([1, 2]);
    const bytewise = sortMessages(messages, [{ key: 'SUBJECT' }], { casemap: (text) => text });
    expect(bytewise.map(({ number }) => number)).toEqual([2, 1]);
  });
});

describe('displayName', () => {
  it.each([
    [undefined, ''],
    [address('a', 'x', 'Ann'), 'Ann'],
    [address('a', 'x', ''), 'a@x'],
    [address('a'), 'a@x'],
    [address('Friends', null), 'Friends'],
    [address(null, null), ''],
  ])('of %j, as RFC 5957 section 3 has it', (given, name) => {
    expect(displayName(given)).toBe(name);
  });
});

describe('sortableMessage', () => {
  const empty = { sender: [], replyTo: [], bcc: [] };
  const decode = (text: string): string => `decoded ${text}`;

  it('takes an envelope apart', () => {
    const envelope = {
      ...empty,
      date: 'Fri, 21 Nov 1997 09:55:06 -0600',
      subject: 's',
      from: [address('a', 'x', 'n'), address('b')],
      to: [address('t')],
      cc: [],
      inReplyTo: '<"i"@x> <j@x>',
      messageId: ' <m@x>',
    };
    const internalDate = { epochSeconds: 7, offsetMinutes: 60 };
    expect(sortableMessage({ number: 3, envelope, internalDate, size: 9, references: '<r@x> s' }, decode)).toEqual({
      number: 3,
      internalDate,
      sentDate: { epochSeconds: 880_127_706, offsetMinutes: -360 },
      size: 9,
      subject: 'decoded s',
      from: address('a', 'x', 'decoded n'),
      to: address('t'),
      cc: undefined,
      messageId: 'm@x',
      references: ['r@x'],
      inReplyTo: 'i@x',
    });
  });

  it('leaves out what an envelope lacks', () => {
    const envelope = {
      ...empty,
      date: null,
      subject: null,
      from: [],
      to: [],
      cc: [],
      inReplyTo: null,
      messageId: null,
    };
    const made = sortableMessage({ number: 1, envelope }, decode);
    expect(Object.entries(made).filter(([, value]) => value !== undefined)).toEqual([['number', 1]]);
  });
});
