import type { SequenceNumber, Uid } from '@posthorn/core';
import { mailboxName } from '@posthorn/mailbox-name';
import { describe, expect, it } from 'vitest';
import type { Command, FetchItem } from '../src/index.ts';
import { encodeCommand } from '../src/index.ts';
import { octets, response } from './feed.ts';
import { expectCommand, expectResponse, readCommandText } from './round-trip.ts';

const saved = (isUid: boolean) => ({ type: 'saved' as const, isUid });
const numbers = (first: number, last = first) => ({
  type: 'sequenceNumbers' as const,
  set: { ranges: [{ first: first as SequenceNumber, last: last as SequenceNumber }] },
});

describe('the saved search result', () => {
  it.each<[string, Command]>([
    // RFC 5182 section 2.5
    ['FETCH $ (UID FLAGS)', { name: 'FETCH', messages: saved(false), items: [{ type: 'uid' }, { type: 'flags' }] }],
    ['UID COPY $ "Other Messages"', { name: 'COPY', messages: saved(true), mailbox: mailboxName('Other Messages') }],
    ['UID MOVE $ INBOX', { name: 'MOVE', messages: saved(true), mailbox: mailboxName('INBOX') }],
    [
      'STORE $ +FLAGS.SILENT (\\Deleted)',
      { name: 'STORE', messages: saved(false), operation: 'add', isSilent: true, flags: ['\\Deleted'] },
    ],
    ['UID EXPUNGE $', { name: 'EXPUNGE', uids: '$' }],
    // RFC 8970 section 5
    [
      'FETCH $ (UID PREVIEW (LAZY))',
      { name: 'FETCH', messages: saved(false), items: [{ type: 'uid' }, { type: 'preview', isLazy: true }] },
    ],
  ])('%s', (text, command) => expectCommand(text, command));

  it.each(['FETCH $1 FLAGS', 'FETCH $,2 FLAGS', 'FETCH 1,$ FLAGS', 'UID EXPUNGE $$'])('%s is no command', (text) => {
    expect(readCommandText(text)).toMatchObject({ type: 'invalid', tag: 'a' });
  });
});

describe('binary sections', () => {
  const fetch = (number: number, ...items: readonly FetchItem[]): Command => ({
    name: 'FETCH',
    messages: numbers(number),
    items,
  });

  it.each<[string, Command]>([
    // RFC 3516 section 5
    ['FETCH 3 BINARY[3.1]', fetch(3, { type: 'binary', part: [3, 1], peek: false })],
    ['FETCH 3 BINARY.SIZE[1]', fetch(3, { type: 'binarySize', part: [1] })],
    [
      'UID FETCH 7 (BINARY.PEEK[]<0.100> BINARY.SIZE[])',
      {
        name: 'FETCH',
        messages: { type: 'uids', set: { ranges: [{ first: 7 as Uid, last: 7 as Uid }] } },
        items: [
          { type: 'binary', part: [], peek: true, partial: { offset: 0, length: 100 } },
          { type: 'binarySize', part: [] },
        ],
      },
    ],
    // RFC 8970 section 3.1: a modifier of the command is none of PREVIEW.
    ['FETCH 1 PREVIEW (VANISHED)', { ...fetch(1, { type: 'preview' }), vanished: true } as Command],
    [
      'FETCH 1 PREVIEW (LAZY) (VANISHED)',
      { ...fetch(1, { type: 'preview', isLazy: true }), vanished: true } as Command,
    ],
  ])('%s', (text, command) => expectCommand(text, command));

  it.each([
    'BINARY',
    'BINARY[MIME]',
    'BINARY[1]<2.0>',
    'BINARY[0]',
    'BINARY[1.]',
    'BINARY.SIZE[1]<0.1>',
    'BINARY.SIZE',
    'BINARY[1',
    '(PREVIEW (NOW))',
  ])('refuses %s', (item) => {
    expect(readCommandText(`FETCH 1 ${item}`)).toMatchObject({ type: 'invalid' });
  });

  it('sends no part that cannot be', () => {
    for (const part of [[0], [-1], [1.5], [Number.NaN]]) {
      const command: Command = fetch(1, { type: 'binarySize', part });
      expect(() => encodeCommand('a', command)).toThrow(RangeError);
    }
  });

  it('answers sizes beside octets', () => {
    expectResponse('* 3 FETCH (BINARY.SIZE[1] 3 BINARY.SIZE[2.1] 4096 BINARY.SIZE[] 0)', {
      type: 'fetch',
      sequenceNumber: 3 as SequenceNumber,
      items: {
        binarySizes: [
          { part: [1], size: 3 },
          { part: [2, 1], size: 4096 },
          { part: [], size: 0 },
        ],
      },
    });
  });

  it('keeps what is no size as it came', () => {
    expect(response('* 3 FETCH (UID 7 BINARY.SIZE[1] x BINARY.SIZE[0] 4 FLAGS ())\r\n')).toMatchObject({
      items: {
        uid: 7,
        flags: [],
        raw: [
          { name: 'BINARY.SIZE[1]', raw: octets('x') },
          { name: 'BINARY.SIZE[0]', raw: octets('4') },
        ],
      },
      diagnostics: [{ id: 'SYNTAX' }],
    });
  });
});
