import { describe, expect, it } from 'vitest';
import { encodeCommand, encodeResponse } from '../src/index.ts';
import { latin1, octets, response } from './feed.ts';

describe('the name in STATUS', () => {
  it.each([
    ['Entw&APw-rfe &- Co (MESSAGES 1)', 'Entwürfe & Co'],
    ['a b (c) (MESSAGES 1 MAILBOXID (F2))', 'a b (c)'],
    ['"a b" (MESSAGES 1)', 'a b'],
    ['a(b) (MESSAGES 1)', 'a(b)'],
  ])('%s', (line, text) => {
    expect(response(`* STATUS ${line}\r\n`)).toMatchObject({ mailbox: { text }, items: { messages: 1 } });
  });

  it.each(['a b', 'a b (', 'a b (MESSAGES 1', 'a b (MESSAGES 1) c'])('%s is no such answer', (line) => {
    expect(response(`* STATUS ${line}\r\n`).type).toBe('invalid');
  });
});

describe('a mailbox name that is no text', () => {
  it.each(['"caf\xe9"', 'caf\xe9', '{4}\r\ncaf\xe9', '"\xff\xfe \\" x"', '{3}\r\n\xc3\xa9\xe9'])(
    '%j goes back octet by octet',
    (spelled) => {
      const event = response(`* LIST () "/" ${spelled}\r\n`);
      if (event.type !== 'list') throw new Error(event.type);
      expect(event.mailbox.text).not.toMatch(/\p{Surrogate}/u);
      const raw = response(`* 1 FETCH (BODY[] ${spelled.startsWith('c') ? `"${spelled}"` : spelled})\r\n`);
      const bytes =
        raw.type === 'fetch' && raw.items.sections?.[0]?.value?.type === 'inline'
          ? raw.items.sections[0].value.bytes
          : undefined;
      for (const utf8 of [false, true]) {
        const pieces = encodeCommand('a', { name: 'SELECT', mailbox: event.mailbox }, { literalPlus: true, utf8 });
        expect(pieces.flatMap((piece) => (piece.type === 'bytes' ? [latin1(piece.bytes)] : []))).toContain(
          latin1(bytes!),
        );
        const sent = encodeResponse({ type: 'list', attributes: [], delimiter: '/', mailbox: event.mailbox }, { utf8 });
        expect(
          response(sent.map((piece) => (piece.type === 'bytes' ? latin1(piece.bytes) : '')).join('')),
        ).toMatchObject({ mailbox: event.mailbox });
      }
    },
  );

  it('that is text beyond ASCII stays text', () => {
    expect(response('* LIST () "/" "\xf0\x9f\x98\x80"\r\n')).toMatchObject({ mailbox: { wire: '😀' } });
    const [piece] = encodeCommand('a', { name: 'SELECT', mailbox: { text: '😀', wire: '😀' } }, { utf8: true });
    expect(piece).toMatchObject({ bytes: octets('a SELECT "\xf0\x9f\x98\x80"\r\n') });
  });
});
