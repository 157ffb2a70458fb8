import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mailboxName, mailboxNameFromWire, type NameFault } from '../src/index.ts';

test('a name is spelled in modified UTF-7, or as it is where UTF-8 was agreed on', () => {
  expect(mailboxName('Entwürfe')).toEqual({ text: 'Entwürfe', wire: 'Entw&APw-rfe' });
  expect(mailboxName('Entwürfe', { utf8: true })).toEqual({ text: 'Entwürfe', wire: 'Entwürfe' });
  expect(mailboxName('R&D', { utf8: true }).wire).toBe('R&D');
});

test('half a character has a spelling in modified UTF-7 alone', () => {
  expect(mailboxName('\ud83d').wire).toBe('&2D0-');
  expect(() => mailboxName('\ud83d', { utf8: true })).toThrow(RangeError);
});

test('a name read with UTF-8 agreed on is itself', () => {
  expect(mailboxNameFromWire('R&D &AOQ-', { utf8: true })).toEqual({ text: 'R&D &AOQ-', wire: 'R&D &AOQ-' });
});

test('faults are told', () => {
  const faults: NameFault[] = [];
  expect(mailboxNameFromWire('&BBAAJg-', { onFault: (fault) => faults.push(fault) }).text).toBe('А&');
  expect(faults).toEqual([{ type: 'encodedAscii', offset: 0 }]);
});

test('the wire spelling is kept, whatever it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.boolean(), (wire, utf8) => {
      expect(mailboxNameFromWire(wire, { utf8 }).wire).toBe(wire);
    }),
  );
});
