import { type Flag, utf8Bytes } from '@posthorn/core';
import { internalDateOf } from '@posthorn/date';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TextFinder, TextPattern } from '../src/search/text-finder.ts';
import { loggedIn, testServer } from './harness.ts';

/** A message as the naive search sees it. */
interface Letter {
  readonly number: number;
  readonly flags: readonly string[];
  readonly subject: string;
  readonly body: string;
  readonly text: string;
  /** Days in February 1994. */
  readonly day: number;
  readonly sent: number | undefined;
}

/** A key as it is sent, and what it means. */
interface Key {
  readonly wire: string;
  readonly holds: (letter: Letter, total: number) => boolean;
}

const WORDS = ['aa', 'ab', 'aab', 'bab', 'A', 'Ba ', 'abb', 'b'] as const;
const FLAGS = ['\\Seen', '\\Flagged', '\\Deleted', 'Work'] as const;

const phrase = fc.array(fc.constantFrom(...WORDS), { maxLength: 5 }).map((words) => words.join(''));
const day = fc.integer({ min: 1, max: 28 });

const letters = fc.array(
  fc.record({
    flags: fc.subarray([...FLAGS]),
    subject: phrase,
    body: phrase,
    day,
    sent: fc.option(day, { nil: undefined }),
  }),
  { maxLength: 6 },
);

const includes = (whole: string, part: string): boolean => whole.toLowerCase().includes(part.toLowerCase());
const compare = (word: string, left: number, right: number): boolean =>
  word === 'BEFORE' ? left < right : word === 'ON' ? left === right : left >= right;

const leaf: fc.Arbitrary<Key> = fc.oneof(
  fc.constant<Key>({ wire: 'ALL', holds: () => true }),
  fc.constantFrom(...FLAGS.slice(0, 3)).chain((flag) =>
    fc.boolean().map((isSet): Key => {
      const word = flag.slice(1).toUpperCase();
      return { wire: isSet ? word : `UN${word}`, holds: ({ flags }) => flags.includes(flag) === isSet };
    }),
  ),
  fc.constantFrom<Key>(
    { wire: 'KEYWORD wORK', holds: ({ flags }) => flags.includes('Work') },
    { wire: 'UNKEYWORD Work', holds: ({ flags }) => !flags.includes('Work') },
  ),
  phrase.map((value): Key => ({ wire: `SUBJECT "${value}"`, holds: ({ subject }) => includes(subject, value) })),
  phrase.map((value): Key => ({ wire: `BODY "${value}"`, holds: ({ body }) => includes(body, value) })),
  phrase.map((value): Key => ({ wire: `TEXT "${value}"`, holds: ({ text }) => includes(text, value) })),
  fc.tuple(fc.constantFrom('BEFORE', 'ON', 'SINCE'), day).map(
    ([word, limit]): Key => ({
      wire: `${word} ${limit}-Feb-1994`,
      holds: (letter) => compare(word, letter.day, limit),
    }),
  ),
  fc.tuple(fc.constantFrom('BEFORE', 'ON', 'SINCE'), day).map(
    ([word, limit]): Key => ({
      wire: `SENT${word} ${limit}-Feb-1994`,
      holds: ({ sent }) => sent !== undefined && compare(word, sent, limit),
    }),
  ),
  fc
    .integer({ min: 0, max: 120 })
    .map((size): Key => ({ wire: `LARGER ${size}`, holds: ({ text }) => text.length > size })),
  fc
    .integer({ min: 0, max: 120 })
    .map((size): Key => ({ wire: `SMALLER ${size}`, holds: ({ text }) => text.length < size })),
  fc.tuple(fc.constantFrom('', 'UID '), fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 8 })).map(
    ([word, from, to]): Key => ({
      wire: `${word}${from}:${to}`,
      holds: ({ number }) => number >= Math.min(from, to) && number <= Math.max(from, to),
    }),
  ),
  fc.tuple(fc.constantFrom('', 'UID '), fc.integer({ min: 1, max: 8 })).map(
    ([word, from]): Key => ({
      wire: `${word}${from}:*`,
      holds: ({ number }, total) => number >= Math.min(from, total),
    }),
  ),
);

const { key } = fc.letrec<{ key: Key }>((tie) => ({
  key: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    leaf,
    tie('key').map((inner) => ({
      wire: `NOT ${inner.wire}`,
      holds: (letter: Letter, total: number) => !inner.holds(letter, total),
    })),
    fc.tuple(tie('key'), tie('key')).map(([left, right]) => ({
      wire: `OR ${left.wire} ${right.wire}`,
      holds: (letter: Letter, total: number) => left.holds(letter, total) || right.holds(letter, total),
    })),
    fc.array(tie('key'), { minLength: 1, maxLength: 3 }).map((keys) => ({
      wire: `(${keys.map(({ wire }) => wire).join(' ')})`,
      holds: (letter: Letter, total: number) => keys.every(({ holds }) => holds(letter, total)),
    })),
  ),
}));

test('finds what a naive evaluation finds', async () => {
  await fc.assert(
    fc.asyncProperty(letters, fc.array(key, { minLength: 1, maxLength: 6 }), async (drafts, keys) => {
      const all = drafts.map((draft, index): Letter => {
        const date = draft.sent === undefined ? '' : `Date: ${draft.sent} Feb 1994 23:59:00 -1100\r\n`;
        const text = `Subject: ${draft.subject}\r\n${date}\r\n${draft.body}`;
        return { ...draft, number: index + 1, text };
      });
      const server = testServer();
      const inbox = await (await server.account()).mailbox(['INBOX']);
      await inbox.append(
        all.map(({ text, flags, day: on }) => ({
          body: [utf8Bytes(text)],
          flags: flags as readonly Flag[],
          internalDate: internalDateOf(new Date(Date.UTC(1994, 1, on, 12))),
        })),
      );
      const client = await loggedIn(server);
      await client.run('SELECT INBOX');
      for (const { wire, holds } of keys) {
        const expected = all.filter((letter) => holds(letter, all.length)).map(({ number }) => number);
        const answer = ['* SEARCH', ...expected].join(' ');
        expect(await client.run(`SEARCH ${wire}`), wire).toEqual([answer, 'OK Searched']);
        expect(await client.run(`UID SEARCH ${wire}`), wire).toEqual([answer, 'OK Searched']);
      }
      await client.transport.close();
    }),
    { numRuns: 150 },
  );
});

test('strings are found across the borders of chunks, as a whole search finds them', () => {
  const octets = fc
    .array(fc.constantFrom(0x61, 0x41, 0x62, 0x42, 0xc3, 0xa4), { maxLength: 40 })
    .map((all) => Uint8Array.from(all));
  const folded = (bytes: Uint8Array): string =>
    [...bytes].map((octet) => (octet < 0x5b ? octet + 0x20 : octet)).join(' ');
  fc.assert(
    fc.property(
      octets,
      octets.map((all) => all.subarray(0, 6)),
      fc.array(fc.nat({ max: 5 })),
      (whole, part, cuts) => {
        const finder = new TextFinder(new TextPattern(part));
        let start = 0;
        for (const cut of cuts) {
          finder.push(whole.subarray(start, start + cut));
          start += cut;
        }
        expect(finder.push(whole.subarray(start))).toBe(folded(whole).includes(folded(part)));
      },
    ),
    { numRuns: 1000 },
  );
});

test('looking takes time linear in what is searched, also for patterns that nearly fit everywhere', () => {
  const steps = (size: number): number => {
    const pattern = new TextPattern(new Uint8Array(size / 2).fill(0x61).with(size / 2 - 1, 0x62));
    const chunk = new Uint8Array(size).fill(0x61);
    const started = performance.now();
    new TextFinder(pattern).push(chunk);
    return performance.now() - started;
  };
  // Quadratic time would be half a minute and more.
  expect(steps(1 << 20)).toBeLessThan(2000);
});
