import { concatBytes, type Uid, type UidValidity, uid, uidValidity, utf8Bytes } from '@posthorn/core';
import { everySplit, octetByOctet } from '@posthorn/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type KnownUniqueId, Maildrop, TopCutter, uniqueIds } from '../src/protocol.ts';

describe('the beginning of a message', () => {
  const cut = (chunks: readonly Uint8Array[], lines: number): string => {
    const cutter = new TopCutter(lines);
    return new TextDecoder().decode(concatBytes(chunks.map((chunk) => cutter.push(chunk))));
  };

  /** Line by line. */
  const expected = (text: string, count: number): string => {
    const lines = text.split(/(?<=\n)/);
    const blank = lines.findIndex((line) => line === '\n' || line === '\r\n');
    return blank < 0 ? text : lines.slice(0, blank + 1 + count).join('');
  };

  test('is header, empty line and lines of the body, however it is cut', () => {
    const pieces = fc.constantFrom('\r\n', '\n', '\r', 'a', 'A: b\r\n', '.');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), fc.nat(4), (parts, lines) => {
        const text = parts.join('');
        const bytes = utf8Bytes(text);
        for (const chunks of [[bytes], octetByOctet(bytes), ...everySplit(bytes)]) {
          expect(cut(chunks, lines)).toBe(expected(text, lines));
        }
      }),
    );
  });
});

describe('a maildrop', () => {
  test('agrees with a list of what is left', () => {
    const action = fc.oneof(
      fc.record({ type: fc.constant('mark' as const), number: fc.nat(7) }),
      fc.record({ type: fc.constant('reset' as const) }),
    );
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { maxLength: 6 }), fc.array(action), (sizes, actions) => {
        const messages = sizes.map((size, index) => ({ uid: uid(index + 3), size, uniqueId: `u${index}` }));
        const drop = new Maildrop(messages);
        let left = new Set(messages.keys());
        for (const each of actions) {
          if (each.type === 'mark') expect(drop.mark(each.number)).toBe(left.delete(each.number - 1));
          else {
            drop.reset();
            left = new Set(messages.keys());
          }
          const listed = messages.flatMap((message, index) => (left.has(index) ? [[index + 1, message]] : []));
          expect([...drop.listed()]).toEqual(listed);
          expect(drop.count).toBe(left.size);
          expect(drop.octets).toBe([...left].reduce((sum, index) => sum + messages[index]!.size, 0));
          expect(drop.marked()).toEqual(messages.filter((_, index) => !left.has(index)).map((each) => each.uid));
          for (let number = 0; number < 9; number++)
            expect(drop.get(number)).toBe(left.has(number - 1) ? messages[number - 1] : undefined);
        }
      }),
    );
  });
});

describe('unique ids', () => {
  const validity: UidValidity = uidValidity(1_795_266_484);
  const kept = (each: number, pop3UniqueId?: string): KnownUniqueId => ({ uid: uid(each) as Uid, pop3UniqueId });

  test('are those of Dovecot: UID and UIDVALIDITY in hexadecimal', () => {
    expect(uniqueIds(validity, [kept(1), kept(0xffff_ffff)])).toEqual(['000000016b0197b4', 'ffffffff6b0197b4']);
  });

  test('that came along are kept, unless two messages have the same', () => {
    const messages = [
      kept(1, 'foo-1'),
      kept(2, '1795266484.M631314P27777.vm,S=18,W=21'),
      kept(3, 'dup'),
      kept(4, 'dup'),
    ];
    expect(uniqueIds(validity, messages)).toEqual([
      'foo-1',
      '1795266484.M631314P27777.vm,S=18,W=21',
      '000000036b0197b4',
      '000000046b0197b4',
    ]);
  });

  test('that no UIDL can tell, or that are those of other messages, are not kept', () => {
    const messages = [
      kept(1, 'with space'),
      kept(2, 'x'.repeat(71)),
      kept(3, ''),
      kept(4, 'grün'),
      kept(5, '000000066b0197b4'),
      kept(6),
    ];
    expect(uniqueIds(validity, messages)).toEqual(
      messages.map((each) => `${each.uid.toString(16).padStart(8, '0')}6b0197b4`),
    );
    expect(uniqueIds(validity, [kept(7, '000000076b0197b4')])).toEqual(['000000076b0197b4']);
  });

  test('are never the same twice', () => {
    const id = fc.option(fc.constantFrom('a', 'b', '000000016b0197b4', '000000026b0197b4', '\t'), { nil: undefined });
    fc.assert(
      fc.property(fc.array(id, { maxLength: 8 }), (ids) => {
        const told = uniqueIds(
          validity,
          ids.map((each, index) => kept(index + 1, each)),
        );
        expect(new Set(told).size).toBe(ids.length);
        for (const each of told) expect(each).toMatch(/^[\x21-\x7e]{1,70}$/);
      }),
    );
  });
});
