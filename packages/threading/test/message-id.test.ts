import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMessageId, parseMessageIds } from '../src/index.ts';

describe('parseMessageIds', () => {
  it.each([
    ['<a@x>', ['a@x']],
    ['<a@x> <b@y>\r\n\t<c@z>', ['a@x', 'b@y', 'c@z']],
    ['<a@x><b@y>', ['a@x', 'b@y']],
    ['<"01KF8JCEOCBS0045PS"@xxx.yyy.com>', ['01KF8JCEOCBS0045PS@xxx.yyy.com']],
    ['<"a \\"b"@x>', ['a "b@x']],
    ['<a . b@x>', ['a.b@x']],
    ['<a (why) @ (who) x (then)>', ['a@x']],
    ['<a\\(b@x>', []],
    ['<a@[192.0.2.1]>', ['a@[192.0.2.1]']],
    ['<"a"@[192.0.2.1] >', ['a@[192.0.2.1]']],
    ['<"a"@[192.0.2.1 >', []],
    ['<A@x> <a@X>', ['A@x', 'a@X']],
    ['Your message of <date> <a@x>', ['a@x']],
    ['a@x', []],
    ['<a@x', []],
    ['<>', []],
    ['', []],
    ['<"unclosed@x> <g@x>', ['g@x']],
    ['<(unclosed@x> <g@x>', ['g@x']],
    ['<"fol\r\n ded"@x>', ['fol ded@x']],
  ])('of %j', (text, ids) => {
    expect(parseMessageIds(text)).toEqual(ids);
    expect(parseMessageId(text)).toBe(ids[0]);
  });

  it('never throws', () => {
    const piece = fc.constantFrom('<', '>', '@', '"', '\\', '(', ')', '[', ']', '.', ' ', 'a', 'é');
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        for (const id of parseMessageIds(pieces.join(''))) expect(id).toContain('@');
      }),
    );
  });
});
