import type { Uid } from '@posthorn/core';
import { describe, expect, it } from 'vitest';
import { encodeResponse, ResponseDecoder } from '../src/index.ts';
import { octets, response, responses } from './feed.ts';
import { expectResponse } from './round-trip.ts';

describe('UIDFETCH', () => {
  it.each([
    // RFC 9586 section 3.3
    ['* 25996 UIDFETCH (FLAGS (\\Seen))', { flags: ['\\Seen'] }],
    ['* 25997 UIDFETCH (UID 25997 FLAGS (\\Flagged \\Answered))', { uid: 25997, flags: ['\\Flagged', '\\Answered'] }],
  ])('%s', (text, items) => {
    expectResponse(text, { type: 'uidFetch', uid: Number(text.slice(2, 7)) as Uid, items: items as never });
  });

  it('lets big sections flow', () => {
    const text = '* 7 uidfetch (FLAGS () BODY[] {5}\r\nhello BODY[1]<3> {4}\r\nabcd MODSEQ (9))\r\n';
    const [first, second] = [{ part: [] }, { part: [1] }];
    const sections = [
      { item: 'BODY', section: first, value: { type: 'streamed', size: 5 } },
      { item: 'BODY', section: second, origin: 3, value: { type: 'streamed', size: 4 } },
    ];
    expect(responses(text, { maxInlineLiteralBytes: 2, mode: 'strict' })).toEqual([
      { type: 'uidLiteralStart', uid: 7, items: { flags: [] }, item: 'BODY', section: first, size: 5 },
      { type: 'literalData', bytes: octets('hello') },
      { type: 'literalEnd' },
      {
        type: 'uidLiteralStart',
        uid: 7,
        items: { flags: [], sections: sections.slice(0, 1) },
        item: 'BODY',
        section: second,
        origin: 3,
        size: 4,
      },
      { type: 'literalData', bytes: octets('abcd') },
      { type: 'literalEnd' },
      { type: 'uidFetch', uid: 7, items: { flags: [], modSeq: 9n, sections } },
    ]);
  });

  it('is the same however it is cut', () => {
    const bytes = octets('* 7 UIDFETCH (BODY[] {5}\r\nhello UID 7)\r\n* 8 UIDFETCH (UID 8)\r\n');
    const whole = responses([bytes], { maxInlineLiteralBytes: 2 });
    for (let cut = 1; cut < bytes.length; cut++)
      expect(responses([bytes.slice(0, cut), bytes.slice(cut)], { maxInlineLiteralBytes: 2 })).toEqual(whole);
  });

  it('of nobody is kept as it came', () => {
    expect(response('* 0 UIDFETCH (UID 7)\r\n')).toMatchObject({ type: 'unknown', name: 'UIDFETCH', number: 0 });
    expect(response('* UIDFETCH (UID 7)\r\n')).toMatchObject({ type: 'unknown', name: 'UIDFETCH' });
  });

  it('is not sent for what is no UID', () => {
    for (const uid of [0, -1, 1.5]) {
      expect(() => encodeResponse({ type: 'uidFetch', uid: uid as Uid, items: {} })).toThrow(RangeError);
    }
  });

  it('with a broken item leaves the stream in step', () => {
    const decoder = new ResponseDecoder({ maxInlineLiteralBytes: 2 });
    decoder.push(octets('* 7 UIDFETCH (( BODY[] {5}\r\nhello)\r\n* 1 EXISTS\r\n'));
    expect([decoder.next(), decoder.next()]).toMatchObject([{ type: 'invalid' }, { type: 'exists' }]);
  });
});
