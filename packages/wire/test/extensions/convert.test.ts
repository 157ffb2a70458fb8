import type { BodyStructure, SequenceNumber, Uid } from '@posthorn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ConversionError,
  type ConvertedItem,
  type ExtensionCommand,
  type ExtensionData,
  extensionCommand,
  extensionResponse,
} from '../../src/extensions.ts';
import { octets } from '../feed.ts';
import { expectExtension, expectExtensionData, readExtensionData, readExtensionText } from '../round-trip.ts';

const by = (first: number, last: number | '*' = first) => ({
  type: 'sequenceNumbers' as const,
  set: { ranges: [{ first: first as SequenceNumber, last: last as SequenceNumber }] },
});
const byUid = (uid: number) => ({ type: 'uids' as const, set: { ranges: [{ first: uid as Uid, last: uid as Uid }] } });
const ASCII = new Map([['charset', 'us-ascii']]);
const NONE: ReadonlyMap<string, string> = new Map();

const converted = (tag: string, items: readonly ConvertedItem[], uid?: number): ExtensionData => ({
  type: 'converted',
  sequenceNumber: 2 as SequenceNumber,
  tag,
  ...(uid !== undefined && { uid: uid as Uid }),
  items,
});

describe('commands of RFC 5259', () => {
  it.each<[string, ExtensionCommand]>([
    // Section 5.1
    ['CONVERSIONS "image/gif" "image/jpeg"', { name: 'CONVERSIONS', from: 'image/gif', to: 'image/jpeg' }],
    ['CONVERSIONS "*" "text/*"', { name: 'CONVERSIONS', from: '*', to: 'text/*' }],
    // Section 6
    [
      'CONVERT 2 ("APPLICATION/PDF") BINARY[3]',
      {
        name: 'CONVERT',
        messages: by(2),
        to: 'APPLICATION/PDF',
        parameters: NONE,
        items: [{ type: 'binary', part: [3] }],
      },
    ],
    [
      'CONVERT 2 ("text/plain" ("charset" "us-ascii" "unknown-character-replacement" "?")) BINARY[3]',
      {
        name: 'CONVERT',
        messages: by(2),
        to: 'text/plain',
        parameters: new Map([...ASCII, ['unknown-character-replacement', '?']]),
        items: [{ type: 'binary', part: [3] }],
      },
    ],
    [
      'CONVERT 2 ("TEXT/PLAIN" ("charset" "us-ascii")) BINARY.SIZE[4]',
      {
        name: 'CONVERT',
        messages: by(2),
        to: 'TEXT/PLAIN',
        parameters: ASCII,
        items: [{ type: 'binarySize', part: [4] }],
      },
    ],
    [
      'CONVERT 2 ("TEXT/PLAIN" ("charset" "us-ascii")) BINARY[4]<2001.1000>',
      {
        name: 'CONVERT',
        messages: by(2),
        to: 'TEXT/PLAIN',
        parameters: ASCII,
        items: [{ type: 'binary', part: [4], partial: { offset: 2001, length: 1000 } }],
      },
    ],
    [
      'CONVERT 2 (NIL ("CHARSET" "utf-8")) BODY[HEADER]',
      {
        name: 'CONVERT',
        messages: by(2),
        to: null,
        parameters: new Map([['CHARSET', 'utf-8']]),
        items: [{ type: 'body', part: [], text: 'HEADER' }],
      },
    ],
    [
      'CONVERT 3 (NIL) (UID BODY[1.MIME] BODY[1.2.HEADER])',
      {
        name: 'CONVERT',
        messages: by(3),
        to: null,
        parameters: NONE,
        items: [
          { type: 'uid' },
          { type: 'body', part: [1], text: 'MIME' },
          { type: 'body', part: [1, 2], text: 'HEADER' },
        ],
      },
    ],
    // Section 7
    [
      'UID CONVERT 100 ("IMAGE/JPEG" ("PIX-X" "128" "PIX-Y" "96")) BINARY[2]',
      {
        name: 'CONVERT',
        messages: byUid(100),
        to: 'IMAGE/JPEG',
        parameters: new Map([
          ['PIX-X', '128'],
          ['PIX-Y', '96'],
        ]),
        items: [{ type: 'binary', part: [2] }],
      },
    ],
    // Section 8
    [
      'CONVERT 2 (NIL ("PIX-X" "128")) (BINARY[2] BODYPARTSTRUCTURE[2])',
      {
        name: 'CONVERT',
        messages: by(2),
        to: null,
        parameters: new Map([['PIX-X', '128']]),
        items: [
          { type: 'binary', part: [2] },
          { type: 'bodyPartStructure', part: [2] },
        ],
      },
    ],
    [
      'UID CONVERT $ (NIL) AVAILABLECONVERSIONS[]',
      {
        name: 'CONVERT',
        messages: { type: 'saved', isUid: true },
        to: null,
        parameters: NONE,
        items: [{ type: 'availableConversions', part: [] }],
      },
    ],
  ])('%s', (text, value) => expectExtension(text, value, text));

  it('take atoms, as an example of section 9 has them', () => {
    expect(readExtensionText('convert 2 ("TEXT/PLAIN" (CHARSET "US-ASCII" X-A {1+}\r\n?)) (binary[3])')).toMatchObject({
      parameters: new Map([
        ['CHARSET', 'US-ASCII'],
        ['X-A', '?'],
      ]),
      items: [{ type: 'binary', part: [3] }],
    });
  });

  it.each([
    'CONVERSIONS',
    'CONVERSIONS "a/b"',
    'CONVERSIONS "a/b" "c/d" e',
    'CONVERT 2',
    'CONVERT 2 BINARY[3]',
    'CONVERT 2 ("text") BINARY[3]',
    'CONVERT 2 ("text/*") BINARY[3]',
    'CONVERT 2 ("text/plain" ("charset")) BINARY[3]',
    'CONVERT 2 (NIL) ()',
    'CONVERT 2 (NIL) BINARY',
    'CONVERT 2 (NIL) BINARY[1.MIME]',
    'CONVERT 2 (NIL) BINARY[1]<5.0>',
    'CONVERT 2 (NIL) BODY[]',
    'CONVERT 2 (NIL) BODY[MIME]',
    'CONVERT 2 (NIL) BODY[1.TEXT]',
    'CONVERT 2 (NIL) FLAGS',
    'CONVERT 2 (NIL) BINARY.SIZE[1]<0.5>',
  ])('%s is malformed', (text) => {
    expect(readExtensionText(text)).toMatchObject({ type: 'malformed' });
  });

  it('are refused where they cannot be sent', () => {
    const command = { name: 'CONVERT', messages: by(1), to: null, parameters: NONE } as const;
    const commands: readonly ExtensionCommand[] = [
      { ...command, items: [] },
      { ...command, items: [{ type: 'uid' }], to: 'text' },
      { ...command, items: [{ type: 'uid' }], to: 'text/*' },
      { ...command, items: [{ type: 'uid' }], parameters: new Map([['a', '\0']]) },
      { ...command, items: [{ type: 'binary', part: [0] }] },
      { ...command, items: [{ type: 'binary', part: [1], partial: { offset: 0, length: 0 } }] },
      { ...command, items: [{ type: 'body', part: [], text: 'MIME' }] },
      { ...command, items: [{ type: 'body', part: [], text: 'TEXT' as 'MIME' }] },
    ];
    for (const each of commands) expect(() => extensionCommand(each)).toThrow(RangeError);
  });
});

const IMAGE: BodyStructure = {
  type: 'basic',
  mediaType: 'IMAGE',
  mediaSubtype: 'JPEG',
  parameters: [],
  id: null,
  description: null,
  encoding: '8bit',
  size: 4182,
  md5: null,
  disposition: null,
  language: null,
};

describe('responses of RFC 5259', () => {
  it.each<[string, ExtensionData]>([
    // Section 5.1
    [
      'CONVERSION "image/gif" "image/jpeg" ("pix-y" "pix-x" "image-interleave")',
      {
        type: 'conversion',
        from: 'image/gif',
        to: 'image/jpeg',
        parameters: ['pix-y', 'pix-x', 'image-interleave'],
      },
    ],
    ['CONVERSION "a/b" "c/d"', { type: 'conversion', from: 'a/b', to: 'c/d', parameters: [] }],
    // Section 6
    [
      '2 CONVERTED (TAG "a001") (BINARY[3] {4}\r\n%PDF)',
      converted('a001', [{ type: 'binary', part: [3], data: octets('%PDF') }]),
    ],
    [
      '2 CONVERTED (TAG "b001") (BINARY[3] (ERROR "Source text has non us-ascii" BADPARAMETERS "text/html" "text/plain" ("charset" "us-ascii")))',
      converted('b001', [
        {
          type: 'error',
          section: { type: 'binary', part: [3] },
          error: {
            type: 'badParameters',
            text: 'Source text has non us-ascii',
            conversions: [{ from: 'text/html', to: 'text/plain', parameters: ASCII }],
          },
        },
      ]),
    ],
    [
      '2 CONVERTED (TAG "c000") (BINARY.SIZE[4] 3135)',
      converted('c000', [{ type: 'binarySize', part: [4], size: 3135 }]),
    ],
    [
      '2 CONVERTED (TAG "c001") (BINARY[4]<2001> {3}\r\nend)',
      converted('c001', [{ type: 'binary', part: [4], origin: 2001, data: octets('end') }]),
    ],
    [
      '2 CONVERTED (TAG "d002") (BODY[HEADER] {9}\r\nA: =?b?=\r BODY[1.MIME] NIL)',
      converted('d002', [
        { type: 'body', part: [], text: 'HEADER', data: octets('A: =?b?=\r') },
        { type: 'body', part: [1], text: 'MIME', data: null },
      ]),
    ],
    // Section 7
    [
      '2 CONVERTED (TAG "e001") (UID 100 BINARY[2] ~{4}\r\n\xff\xd8\0\r)',
      converted('e001', [{ type: 'binary', part: [2], data: octets('\xff\xd8\0\r') }], 100),
    ],
    // Section 8.4
    [
      '2 CONVERTED (TAG "f001") (AVAILABLECONVERSIONS[2] (("IMAGE/JPEG" "application/PostScript")) AVAILABLECONVERSIONS[3] (()))',
      converted('f001', [
        { type: 'availableConversions', part: [2], mediaTypes: ['IMAGE/JPEG', 'application/PostScript'] },
        { type: 'availableConversions', part: [3], mediaTypes: [] },
      ]),
    ],
    // Section 9
    [
      '2 CONVERTED (TAG "a") (BINARY[1] (ERROR "busy" TEMPFAIL 5) BINARY[2]<7> (ERROR "busy" TEMPFAIL) BINARY.SIZE[3] (ERROR "" X-A))',
      converted('a', [
        {
          type: 'error',
          section: { type: 'binary', part: [1] },
          error: { type: 'tempFail', text: 'busy', minutes: 5 },
        },
        {
          type: 'error',
          section: { type: 'binary', part: [2], origin: 7 },
          error: { type: 'tempFail', text: 'busy' },
        },
        { type: 'error', section: { type: 'binarySize', part: [3] }, error: { type: 'other', text: '', code: 'X-A' } },
      ]),
    ],
    [
      '2 CONVERTED (TAG "a") (BINARY[1] (ERROR "no part" BADPARAMETERS NIL "text/plain" "a/b" "c/d" ("x" "y")))',
      converted('a', [
        {
          type: 'error',
          section: { type: 'binary', part: [1] },
          error: {
            type: 'badParameters',
            text: 'no part',
            conversions: [
              { from: null, to: 'text/plain', parameters: NONE },
              { from: 'a/b', to: 'c/d', parameters: new Map([['x', 'y']]) },
            ],
          },
        },
      ]),
    ],
    [
      '2 CONVERTED (TAG "a") (BINARY[1] (ERROR "x" MISSINGPARAMETERS "a/b" "c/d" ("x" "y")))',
      converted('a', [
        {
          type: 'error',
          section: { type: 'binary', part: [1] },
          error: {
            type: 'missingParameters',
            text: 'x',
            conversions: [{ from: 'a/b', to: 'c/d', parameters: ['x', 'y'] }],
          },
        },
      ]),
    ],
    ['2 CONVERTED (TAG "a") (UID 7)', converted('a', [], 7)],
  ])('%s', (text, value) => expectExtensionData(text, value));

  it('tell structures before octets (section 8.2)', () => {
    const value = converted('e002', [
      { type: 'bodyPartStructure', part: [2], structure: IMAGE },
      { type: 'binary', part: [2], data: octets('jpeg') },
    ]);
    expectExtensionData(
      '2 CONVERTED (TAG "e002") (BODYPARTSTRUCTURE[2] ("IMAGE" "JPEG" NIL NIL NIL "8bit" 4182 NIL NIL NIL) BINARY[2] {4}\r\njpeg)',
      value,
    );
    expect(
      readExtensionData(
        '2 CONVERTED (TAG "e002") (BODYPARTSTRUCTURE[2] ("IMAGE" "JPEG" () NIL NIL "8bit" 4182 NIL NIL NIL) BINARY[2] ~{4}\r\njpeg)',
      ),
    ).toEqual({ ...value, diagnostics: expect.anything() });
  });

  it('are read as the examples have them that break the syntax (section 9)', () => {
    expect(
      readExtensionData(
        '2 CONVERTED (tag "b002") (BODYPARTSTRUCTURE[3] (ERROR "x" BADPARAMETERS "text/html" "text/plain" ("charset" "us-ascii")) BODYSTRUCTURE[4] ("TEXT" "PLAIN" (CHARSET US-ASCII) NIL NIL "8bit" 4182 NIL NIL NIL) BINARY[4] {2}\r\nok)',
      ),
    ).toMatchObject({
      items: [
        { type: 'error', section: { type: 'bodyPartStructure', part: [3] } },
        { type: 'bodyPartStructure', part: [4], structure: { parameters: [['CHARSET', 'US-ASCII']] } },
        { type: 'binary', part: [4], data: octets('ok') },
      ],
    });
    const error = (code: string) =>
      readExtensionData(`2 CONVERTED (tag "b003") (BINARY[3] (ERROR "x" ${code}))`) as unknown;
    expect(error('MISSINGPARAMETERS (CHARSET)')).toMatchObject({
      items: [
        { error: { type: 'missingParameters', conversions: [{ from: null, to: null, parameters: ['CHARSET'] }] } },
      ],
      diagnostics: [{ id: 'QUIRK_MISSING_MEDIA_TYPES' }],
    });
    expect(error('BADPARAMETERS (UNKNOWN-CHARACTER-REPLACEMENT "<badchar>")')).toMatchObject({
      items: [{ error: { conversions: [{ parameters: new Map([['UNKNOWN-CHARACTER-REPLACEMENT', '<badchar>']]) }] } }],
    });
    // The space that the syntax leaves out, and reasons that nobody knows.
    expect(error('MISSINGPARAMETERS "a/b" "c/d"("x")')).toMatchObject({
      items: [{ error: { conversions: [{ from: 'a/b', to: 'c/d', parameters: ['x'] }] } }],
    });
    expect(error('X-LATER (1 2) "x"')).toMatchObject({ items: [{ error: { type: 'other', code: 'X-LATER' } }] });
  });

  it.each([
    'CONVERSION',
    'CONVERSION "a/b"',
    'CONVERSION "a" "b/c"',
    '2 CONVERTED',
    '2 CONVERTED (BINARY[1] "x")',
    '0 CONVERTED (TAG "a") (BINARY[1] "x")',
    '2 CONVERTED (TAG "a") BINARY[1] "x"',
    '2 CONVERTED (TAG "a") (BINARY[1])',
    '2 CONVERTED (TAG "a") (BINARY[1.MIME] "x")',
    '2 CONVERTED (TAG "a") (BINARY.SIZE[1] x)',
    '2 CONVERTED (TAG "a") (BODY[TEXT] "x")',
    '2 CONVERTED (TAG "a") (FLAGS ())',
    '2 CONVERTED (TAG "a") (UID 0)',
    '2 CONVERTED (TAG "a") (AVAILABLECONVERSIONS[2] ("a/b"))',
    '2 CONVERTED (TAG "f001") (AVAILABLECONVERSIONS[2] (("IMAGE/JPEG" "application/PostScript"))',
    '2 CONVERTED (TAG "a") (BINARY[1] (ERROR "x" BADPARAMETERS))',
    '2 CONVERTED (TAG "a") (BINARY[1] (ERROR "x" BADPARAMETERS "a/b"))',
    '2 CONVERTED (TAG "a") (BINARY[1] (ERROR "x" TEMPFAIL 0))',
    '2 CONVERTED (TAG "a") (BINARY[1] (ERROR TEMPFAIL))',
  ])('%s is malformed', (text) => {
    expect(readExtensionData(text)).toMatchObject({ type: 'malformed' });
  });

  it('CONVERTED without a message is not known', () => {
    expect(readExtensionData('CONVERTED (TAG "a") (BINARY[1] "x")')).toBeUndefined();
  });

  it('are refused where they cannot be sent', () => {
    const failed = (error: ConversionError) =>
      converted('a', [{ type: 'error', section: { type: 'binary', part: [1] }, error }]);
    const data: readonly ExtensionData[] = [
      { type: 'conversion', from: '*', to: 'a/b', parameters: [] },
      converted('a', []),
      converted('a', [], 0),
      { ...converted('a', [], 1), sequenceNumber: 0 as SequenceNumber } as ExtensionData,
      converted('a', [{ type: 'binarySize', part: [1], size: -1 }]),
      converted('a', [{ type: 'availableConversions', part: [1], mediaTypes: ['a'] }]),
      failed({ type: 'tempFail', text: 'x', minutes: 0 }),
      failed({ type: 'badParameters', text: 'x', conversions: [] }),
      failed({ type: 'badParameters', text: 'x', conversions: [{ from: 'a/b', to: null, parameters: NONE }] }),
      failed({ type: 'other', text: 'x', code: 'tempfail' }),
      failed({ type: 'other', text: 'x', code: 'a b' }),
    ];
    for (const value of data) expect(() => extensionResponse(value)).toThrow(RangeError);
  });

  it('are read as they were sent, and cut short are malformed', () => {
    const text = fc.string({ unit: fc.constantFrom(...'ab "\\()[]{}%*\r\n'), maxLength: 8 });
    const part = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 3 });
    const type = fc.constantFrom('text/plain', 'image/jpeg', 'application/vnd.ms-excel', 'X-a/+b');
    const conversion = fc.record({
      from: fc.option(type),
      to: type,
      parameters: fc.array(fc.tuple(text, text), { maxLength: 3 }).map((pairs) => new Map(pairs)),
    });
    const error: fc.Arbitrary<ConversionError> = fc.oneof(
      fc.record({ type: fc.constant('tempFail' as const), text }),
      fc.record({ type: fc.constant('tempFail' as const), text, minutes: fc.integer({ min: 1, max: 99 }) }),
      fc.record({
        type: fc.constant('badParameters' as const),
        text,
        conversions: fc.array(conversion, { minLength: 1, maxLength: 3 }),
      }),
    );
    const item: fc.Arbitrary<ConvertedItem> = fc.oneof(
      fc.record({ type: fc.constant('binary' as const), part, data: fc.option(fc.uint8Array({ maxLength: 9 })) }),
      fc.record({ type: fc.constant('binarySize' as const), part, size: fc.nat() }),
      fc.record({
        type: fc.constant('availableConversions' as const),
        part,
        mediaTypes: fc.array(type, { maxLength: 3 }),
      }),
      fc.record({
        type: fc.constant('error' as const),
        section: fc.record({ type: fc.constant('bodyPartStructure' as const), part }),
        error,
      }),
    );
    fc.assert(
      fc.property(fc.array(item, { minLength: 1, maxLength: 4 }), fc.nat(400), (items, cut) => {
        const value = converted('A1', items, 5);
        const { raw } = extensionResponse(value);
        const line = String.fromCharCode(...raw);
        expect(readExtensionData(`2 CONVERTED ${line}`)).toEqual(value);
        const rest = line.slice(0, cut % line.length);
        // What is cut inside of a literal is no line.
        if (!rest.includes('{')) expect(readExtensionData(`2 CONVERTED ${rest}`)).toMatchObject({ type: 'malformed' });
      }),
      { numRuns: 300 },
    );
  });
});
