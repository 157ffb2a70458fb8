/** Double the messages, about double the time: no mailbox can make a server slow. */
import { processorMilliseconds } from '@posthorn/testkit';
import { describe, expect, it } from 'vitest';
import { baseSubject, parseMessageIds, type SortableMessage, sortMessages, threadMessages } from '../src/index.ts';

type Work = (count: number) => unknown;

const many = (count: number, make: (index: number) => Partial<SortableMessage>): readonly SortableMessage[] =>
  Array.from({ length: count }, (_, index) => ({ number: index + 1, messageId: String(index), ...make(index) }));

const references = (make: (index: number, count: number) => Partial<SortableMessage>): Work => {
  return (count) =>
    threadMessages(
      many(count, (index) => make(index, count)),
      'REFERENCES',
    );
};

const families: Readonly<Record<string, Work>> = {
  'a chain of answers': references((index) => ({ references: [String(index - 1)] })),
  'a chain of answers, the last first': references((index) => ({ references: [String(index + 1)] })),
  'missing messages in a row': (count) => {
    const ids = Array.from({ length: count }, (_, index) => `m${index}`);
    return threadMessages(
      [{ number: 1, references: ids }, ...many(count, () => ({ references: [ids.at(-1)!] }))],
      'REFERENCES',
    );
  },
  'loops at the ends of a chain': references((index, count) => {
    return index < count / 2
      ? { references: [String(index + 1)] }
      : { references: ['0', String(Math.floor(count / 2))] };
  }),
  'parents changed again and again': references((index) => ({ references: [`x${index % 2}`, '0', String(index - 1)] })),
  'one subject': references(() => ({ subject: 'same' })),
  'one identifier': references(() => ({ messageId: 'same', references: ['same'] })),
  'subjects to sort': (count) =>
    sortMessages(
      many(count, (index) => ({ subject: `Re: ${'x'.repeat(index % 50)}é${index % 7}` })),
      [{ key: 'SUBJECT' }, { key: 'DATE' }],
    ),
  'blobs of a subject': (count) => baseSubject(`${'[a]'.repeat(count * 20)}b`),
  'open blobs of a subject': (count) => baseSubject('[a'.repeat(count * 20)),
  'replies of a subject': (count) => baseSubject('re[a]:[b]'.repeat(count * 20)),
  'nested forwards of a subject': (count) => baseSubject(`${'[fwd:'.repeat(count * 10)}${']'.repeat(count * 10)}`),
  'white space of a subject': (count) => baseSubject(`a${' '.repeat(count * 20)}b${'(fwd) '.repeat(count * 10)}`),
  'open angles': (count) => parseMessageIds('<'.repeat(count * 20)),
  'open angles before a comment': (count) => parseMessageIds('<('.repeat(count)),
  'open angles before a quote': (count) => parseMessageIds(`${'<'.repeat(count * 4)}"`),
  identifiers: (count) => parseMessageIds('<a@x> '.repeat(count * 10)),
};

function cost(work: Work, count: number): number {
  const start = processorMilliseconds();
  work(count);
  return processorMilliseconds() - start;
}

describe('growth', () => {
  it.each(Object.entries(families))('of %s', { retry: 4, timeout: 60_000 }, (_, work) => {
    cost(work, 2_000);
    const [small, large] = [cost(work, 4_000), cost(work, 32_000)];
    // Eight times the input; squares would take sixty-four times as long.
    expect(large).toBeLessThan(30 * Math.max(small, 4));
  });
});
