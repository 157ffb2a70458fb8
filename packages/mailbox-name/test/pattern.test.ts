import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePattern } from '../src/index.ts';

/** The definition, by trying every way; slow, and right by inspection. */
function matchesByDefinition(pattern: string, name: string, delimiter: string | null): boolean {
  const head = pattern.charAt(0);
  if (head === '') return name === '';
  if (head === '*' || head === '%') {
    if (matchesByDefinition(pattern.slice(1), name, delimiter)) return true;
    if (name === '' || (head === '%' && name.charAt(0) === delimiter)) return false;
    return matchesByDefinition(pattern, name.slice(1), delimiter);
  }
  return name.charAt(0) === head && matchesByDefinition(pattern.slice(1), name.slice(1), delimiter);
}

describe('RFC 9051 section 6.3.9', () => {
  const names = [
    'INBOX',
    'Fruit',
    'Fruit/Apple',
    'Fruit/Banana',
    'Tofu',
    'Vegetable',
    'Vegetable/Broccoli',
    'Vegetable/Corn',
  ];
  test.each([
    ['*', names],
    ['%', ['INBOX', 'Fruit', 'Tofu', 'Vegetable']],
    ['Fruit/%', ['Fruit/Apple', 'Fruit/Banana']],
    ['Fruit*', ['Fruit', 'Fruit/Apple', 'Fruit/Banana']],
    ['%/%', ['Fruit/Apple', 'Fruit/Banana', 'Vegetable/Broccoli', 'Vegetable/Corn']],
    ['*n*', ['INBOX', 'Fruit/Banana', 'Vegetable/Corn']],
    ['%of%', ['Tofu']],
    ['Fruit', ['Fruit']],
    ['fruit', []],
    ['', []],
  ])('%j', (pattern, expected) => {
    expect(names.filter(compilePattern(pattern, '/'))).toEqual(expected);
  });
});

describe('INBOX matches in any case, and only at the top', () => {
  test.each([
    ['inbox', 'INBOX', true],
    ['InBoX', 'inbox', true],
    ['inb%', 'INBOX', true],
    ['*box', 'INBOX', true],
    ['inbox/%', 'INBOX/Sub', true],
    ['inbox/sub', 'INBOX/Sub', false],
    ['a/inbox', 'a/INBOX', false],
    ['inboxes', 'INBOXES', false],
    ['inbox.sub', 'INBOX.sub', false],
  ])('%j against %j', (pattern, name, expected) => {
    expect(compilePattern(pattern, '/')(name)).toBe(expected);
  });
});

test('without a delimiter both wildcards stand for anything', () => {
  expect(compilePattern('a%b', null)('a/./b')).toBe(true);
});

test('characters beyond ASCII and beyond 16 bits are literal', () => {
  expect(compilePattern('%/日本語📬', '/')('Büro/日本語📬')).toBe(true);
  expect(compilePattern('*ü*', '/')('Büro')).toBe(true);
  expect(compilePattern('*ü*', '/')('Buro')).toBe(false);
});

test('regular expressions have no say', () => {
  expect(compilePattern('a.c', '/')('abc')).toBe(false);
  expect(compilePattern('[a]+(b', '/')('[a]+(b')).toBe(true);
});

test('a delimiter is one character', () => {
  expect(() => compilePattern('*', '')).toThrow(RangeError);
  expect(() => compilePattern('*', '//')).toThrow(RangeError);
});

test('one compiled pattern serves many names', () => {
  const matches = compilePattern('%a', '/');
  expect(['ba', 'b', 'a', 'b/a', 'aa', ''].map(matches)).toEqual([true, false, true, false, true, false]);
});

test('agrees with the definition', () => {
  const text = (alphabet: string, maxLength: number) =>
    fc.array(fc.constantFrom(...alphabet), { maxLength }).map((letters) => letters.join(''));
  fc.assert(
    fc.property(text('ab/*%', 10), text('ab/', 10), fc.constantFrom('/', 'a', null), (pattern, name, delimiter) => {
      expect(compilePattern(pattern, delimiter)(name)).toBe(matchesByDefinition(pattern, name, delimiter));
    }),
    { numRuns: 3000 },
  );
});

test('agrees with the definition across machine words', () => {
  const tail = fc.array(fc.constantFrom('a', 'b', '%', '*'), { maxLength: 6 }).map((letters) => letters.join(''));
  fc.assert(
    fc.property(fc.integer({ min: 25, max: 70 }), tail, fc.integer({ min: 20, max: 75 }), (literal, end, long) => {
      const pattern = `*${'a'.repeat(literal)}${end}`;
      for (const name of ['a'.repeat(long), `${'a'.repeat(long)}b`, `b${'a'.repeat(literal)}ab`]) {
        expect(compilePattern(pattern, '/')(name)).toBe(matchesByDefinition(pattern, name, '/'));
      }
    }),
    { numRuns: 100 },
  );
});
