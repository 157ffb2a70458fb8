import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalPath, isInbox, joinPath, splitName } from '../src/index.ts';

describe('INBOX', () => {
  test.each(['INBOX', 'inbox', 'InBoX'])('%s is INBOX', (text) => expect(isInbox(text)).toBe(true));
  // The dotless i becomes a capital I in some languages; ASCII letters alone count.
  test.each(['', 'INBOX/a', ' INBOX', 'INBOX\n', 'ınbox', 'inbox ', 'outbox'])('%j is not', (text) =>
    expect(isInbox(text)).toBe(false),
  );

  test('is spelled in capitals at the top of a path, and nowhere else', () => {
    expect(canonicalPath(['inbox'])).toEqual(['INBOX']);
    expect(canonicalPath(['Inbox', 'inbox'])).toEqual(['INBOX', 'inbox']);
    const other = ['a', 'inbox'] as const;
    expect(canonicalPath(other)).toBe(other);
  });
});

describe('hierarchy', () => {
  test.each<[text: string, delimiter: string | null, path: readonly string[]]>([
    ['a/b/c', '/', ['a', 'b', 'c']],
    ['a.b/c', '.', ['a', 'b/c']],
    ['a/b', null, ['a/b']],
    ['a/', '/', ['a', '']],
    ['/a', '/', ['', 'a']],
    ['', '/', ['']],
    ['#news.comp.mail', '.', ['#news', 'comp', 'mail']],
  ])('%j cut at %j', (text, delimiter, path) => {
    expect(splitName(text, delimiter)).toEqual(path);
  });

  test('a part that holds the delimiter would name another mailbox', () => {
    expect(() => joinPath(['a/b', 'c'], '/')).toThrow(RangeError);
    expect(() => joinPath(['a', 'b'], null)).toThrow(RangeError);
    expect(() => splitName('a', '')).toThrow(RangeError);
    expect(() => joinPath(['a'], '::')).toThrow(RangeError);
  });

  test('joining undoes cutting', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('/', '.', '\\', null), (text, delimiter) => {
        expect(joinPath(splitName(text, delimiter), delimiter)).toBe(text);
      }),
    );
  });
});
