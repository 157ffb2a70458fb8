import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyFlags, canonicalFlag, hasFlag, SYSTEM_FLAGS, sameFlags } from '../src/index.ts';

test('system flags have one spelling, keywords keep theirs (RFC 9051 section 2.3.2)', () => {
  expect(['\\seen', '\\SEEN', '\\recent', '$forwarded', 'Seen', '\\Foo', ''].map(canonicalFlag)).toEqual([
    '\\Seen',
    '\\Seen',
    '\\Recent',
    '$forwarded',
    'Seen',
    '\\Foo',
    '',
  ]);
  expect(SYSTEM_FLAGS.map((flag) => canonicalFlag(flag.toUpperCase()))).toEqual(SYSTEM_FLAGS);
});

test('flags are compared without regard to case', () => {
  expect(hasFlag(['$Forwarded', '\\Seen'], '$FORWARDED')).toBe(true);
  expect(hasFlag(['$Forwarded'], '$Forward')).toBe(false);
  expect(hasFlag([], '\\Seen')).toBe(false);
  expect(sameFlags(['a', '\\Seen'], ['\\SEEN', 'A'])).toBe(true);
  expect(sameFlags(['a'], ['a', 'b'])).toBe(false);
  expect(sameFlags(['a', 'b'], ['a'])).toBe(false);
  expect(sameFlags([], [])).toBe(true);
});

describe('STORE', () => {
  const current = ['\\Recent', '\\Seen', 'Work'];
  test.each([
    ['add', ['\\deleted', 'WORK', '\\Recent', 'new', 'NEW'], ['\\Recent', '\\Seen', 'Work', '\\Deleted', 'new']],
    ['remove', ['work', '\\Recent', '\\Draft'], ['\\Recent', '\\Seen']],
    ['replace', ['\\DRAFT', '\\Recent'], ['\\Recent', '\\Draft']],
    ['replace', [], ['\\Recent']],
    ['add', [], current],
  ] as const)('%s %j', (operation, flags, expected) => {
    expect(applyFlags(current, operation, flags)).toEqual(expected);
    expect(current).toEqual(['\\Recent', '\\Seen', 'Work']);
  });

  test('what was added is there, what was removed is not, what replaced is all there is', () => {
    const flag = fc.constantFrom('\\Seen', '\\seen', '\\Deleted', 'a', 'A', 'b', '$x');
    const flags = fc.uniqueArray(flag, { selector: (each) => each.toLowerCase() });
    fc.assert(
      fc.property(flags, fc.array(flag), (before, change) => {
        const added = applyFlags(before, 'add', change);
        expect([...before, ...change].every((each) => hasFlag(added, each))).toBe(true);
        expect(new Set(added.map((each) => each.toLowerCase())).size).toBe(added.length);
        expect(applyFlags(before, 'remove', change).some((each) => hasFlag(change, each))).toBe(false);
        expect(sameFlags(applyFlags(before, 'replace', change), change)).toBe(true);
      }),
    );
  });
});
