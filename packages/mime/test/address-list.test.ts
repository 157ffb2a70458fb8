import { type Address, groupAddresses } from '@posthorn/core';
import { processorMilliseconds } from '@posthorn/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAddressList } from '../src/index.ts';
import { octets } from './torture.ts';

const parse = (text: string): readonly Address[] => parseAddressList(octets(text));
const address = (mailbox: string, host: string, name: string | null = null): Address => ({
  name,
  route: null,
  mailbox,
  host,
});

describe('parseAddressList', () => {
  test('RFC 5322 appendix A.1.2, different types of mailboxes', () => {
    expect(parse('Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>')).toEqual([
      address('mary', 'x.test', 'Mary Smith'),
      address('jdoe', 'example.org'),
      address('one', 'y.test', 'Who?'),
    ]);
    expect(parse('<boss@nil.test>, "Giant; \\"Big\\" Box" <sysservices@example.net>')).toEqual([
      address('boss', 'nil.test'),
      address('sysservices', 'example.net', 'Giant; "Big" Box'),
    ]);
  });

  test('RFC 5322 appendix A.1.3, groups', () => {
    const list = parse('A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;');
    expect(groupAddresses(list)).toEqual([
      {
        group: 'A Group',
        members: [
          address('c', 'a.test', 'Ed Jones'),
          address('joe', 'where.test'),
          address('jdoe', 'one.test', 'John'),
        ],
      },
    ]);
    expect(groupAddresses(parse('Undisclosed recipients:;'))).toEqual([
      { group: 'Undisclosed recipients', members: [] },
    ]);
  });

  test('RFC 5322 appendix A.5, white space, comments and other oddities', () => {
    expect(parse('Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>')).toEqual([
      address('pete', 'silly.test', 'Pete'),
    ]);
    const text =
      "A Group(Some people)\r\n     :Chris Jones <c@(Chris's host.)public.example>,\r\n         joe@example.org,\r\n  John <jdoe@one.test> (my dear friend); (the end of the group)";
    expect(groupAddresses(parse(text))).toEqual([
      {
        group: 'A Group',
        members: [
          address('c', 'public.example', 'Chris Jones'),
          address('joe', 'example.org'),
          address('jdoe', 'one.test', 'John'),
        ],
      },
    ]);
  });

  test('RFC 5322 appendix A.6.1, obsolete addressing', () => {
    expect(parse('Joe Q. Public <john.q.public@example.com>')).toEqual([
      address('john.q.public', 'example.com', 'Joe Q. Public'),
    ]);
    expect(parse('Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example')).toEqual([
      { name: 'Mary Smith', route: '@node.test', mailbox: 'mary', host: 'example.net' },
      address('MISSING_MAILBOX', 'MISSING_DOMAIN'),
      address('jdoe', 'test.example'),
    ]);
  });

  test('reads what it would write', () => {
    const word = fc.stringMatching(/^[a-z0-9]{1,8}$/);
    const mailbox = fc.record({ name: fc.stringMatching(/^[ -~]*$/), local: word, host: word });
    fc.assert(
      fc.property(fc.array(mailbox, { minLength: 1, maxLength: 5 }), (list) => {
        const text = list.map(
          ({ name, local, host }) => `"${name.replace(/["\\]/g, '\\$&')}" <${local}@${host}.example>`,
        );
        const names = list.map(({ name }) => (name === '' ? null : name.trim().replace(/ +/g, ' ')));
        expect(parse(text.join(', ')).map(({ name }) => name)).toEqual(names);
        expect(parse(text.join(', ')).map(({ host }) => host)).toEqual(list.map(({ host }) => `${host}.example`));
      }),
    );
  });

  test('never throws, and never makes a group by accident', () => {
    const piece = fc.constantFrom(
      'a',
      '@',
      '<',
      '>',
      '"',
      '\\',
      '(',
      ')',
      ',',
      '.',
      '[',
      ']',
      ' ',
      '\r\n ',
      '\0',
      '\xff',
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        for (const { mailbox, host } of parse(pieces.join(''))) expect([mailbox, host]).not.toContain(null);
      }),
    );
  });

  test.each([
    ['commas', ','],
    ['addresses', 'a@b,'],
    ['open quotes', '"'],
    ['open comments', '('],
    ['open angles', '<'],
    ['open groups', 'a:'],
    ['broken names', 'a b,"'],
    ['broken comments', 'a(b,'],
    ['at signs', '@a'],
    ['routes', '<@a,'],
    ['dots', '.'],
    ['escapes', '"\\'],
    ['brackets', 'a@['],
    ['spaces', ' '],
    ['folds', '\r\n '],
  ])('takes time linear in its length: %s', { retry: 4 }, (_, piece) => {
    const time = (count: number): number => {
      const bytes = octets(piece.repeat(count));
      const start = processorMilliseconds();
      parseAddressList(bytes);
      return processorMilliseconds() - start;
    };
    time(1_000);
    const small = Math.min(time(20_000), time(20_000), time(20_000));
    const large = Math.min(time(80_000), time(80_000));
    expect(large).toBeLessThan(12 * small + 50);
  });
});
