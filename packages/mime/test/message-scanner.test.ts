import { generateMessages } from '@posthorn/corpus';
import { everySplit, octetByOctet, processorMilliseconds, randomSplits } from '@posthorn/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  findPreviewPart,
  listAttachments,
  MessageScanner,
  type PartRange,
  type ScannedMessage,
  type ScanOptions,
  scanMessage,
  sectionRange,
} from '../src/index.ts';
import { octets, TORTURE } from './torture.ts';

function scanChunks(chunks: Iterable<Uint8Array>, options?: ScanOptions): ScannedMessage {
  const scanner = new MessageScanner(options);
  for (const chunk of chunks) {
    const copy = chunk.slice();
    scanner.push(copy);
    copy.fill(0x2d);
  }
  return scanner.finish();
}

/** Every part lies in its parent's body, behind the part before it. */
function checkPlaces(part: PartRange, start: number, end: number): void {
  expect(part.header.start).toBeGreaterThanOrEqual(start);
  expect(part.header.end).toBe(part.body.start);
  expect(part.header.end).toBeGreaterThanOrEqual(part.header.start);
  expect(part.body.end).toBeGreaterThanOrEqual(part.body.start);
  expect(part.body.end).toBeLessThanOrEqual(end);
  let at = part.body.start;
  for (const child of part.parts) {
    checkPlaces(child, at, part.body.end);
    at = child.body.end;
  }
}

const hostile = fc
  .array(
    fc.constantFrom(
      'Content-Type: multipart/mixed; boundary=b\r\n',
      'Content-Type: multipart/digest; boundary="b-"\r\n',
      'Content-Type: message/rfc822\n',
      'Content-Type: text/plain\r',
      'Subject: x\r\n y\r\n',
      'To: a@b, (c\r\n',
      '\r\n',
      '\n',
      '\r',
      '--',
      '-',
      'b',
      '--b\r\n',
      '--b--\r\n',
      '--b-\n',
      '\0',
      '\xff',
      ' ',
      ':',
      'x'.repeat(90),
    ),
    { maxLength: 40 },
  )
  .map((pieces) => octets(pieces.join('')));

describe('MessageScanner', () => {
  test('sees the same however the torture messages are cut', () => {
    for (const [name, text] of TORTURE) {
      if (text.length > 20_000) continue;
      const bytes = octets(text);
      const whole = scanMessage(bytes);
      expect(scanChunks(octetByOctet(bytes)), name).toEqual(whole);
      for (const chunks of randomSplits(bytes, 7, { count: 5 })) expect(scanChunks(chunks), name).toEqual(whole);
    }
  });

  test('sees the same for every cut of a multipart', () => {
    const bytes = octets(TORTURE.get('message in multipart')!);
    const whole = scanMessage(bytes);
    for (const chunks of everySplit(bytes)) expect(scanChunks(chunks)).toEqual(whole);
  });

  test('sees the same however corpus messages are cut, and puts parts in order', () => {
    for (const { bytes } of generateMessages({ seed: 11, count: 60, size: 'small' })) {
      const whole = scanMessage(bytes);
      for (const chunks of randomSplits(bytes, 3, { count: 4 })) expect(scanChunks(chunks)).toEqual(whole);
      checkPlaces(whole.root, 0, bytes.length);
    }
  });

  test('makes something orderly of anything, whatever the cuts', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 1, max: 9 }), (bytes, length) => {
        const whole = scanMessage(bytes);
        expect(whole.size).toBe(bytes.length);
        expect(whole.root.body.end).toBe(bytes.length);
        checkPlaces(whole.root, 0, bytes.length);
        const chunks: Uint8Array[] = [];
        for (let at = 0; at < bytes.length; at += length) chunks.push(bytes.subarray(at, at + length));
        expect(scanChunks(chunks)).toEqual(whole);
      }),
      { numRuns: 500 },
    );
  });

  test('the References field of the message is beside its envelope', () => {
    const inner = 'References: <inner@example.org>\r\n\r\ntext';
    const header = 'Content-Type: message/rfc822\r\n';
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
    expect(scanMessage(bytes(`${header}\r\n${inner}`)).references).toBeUndefined();
    const outer = `${header}references: <a@example.org>\r\n\t<b@example.org>\r\nReferences: <c@example.org>\r\n`;
    expect(scanMessage(bytes(`${outer}\r\n${inner}`)).references).toBe('<a@example.org>\t<b@example.org>');
  });

  test('an empty message has an empty envelope and an empty text', () => {
    const { size, envelope, bodyStructure, root } = scanMessage(new Uint8Array());
    expect(size).toBe(0);
    expect(envelope).toMatchObject({ date: null, subject: null, from: [], messageId: null });
    expect(bodyStructure).toMatchObject({ type: 'text', mediaType: 'text', mediaSubtype: 'plain', size: 0, lines: 0 });
    expect(root).toEqual({ type: 'leaf', header: { start: 0, end: 0 }, body: { start: 0, end: 0 }, parts: [] });
  });

  test('counts the octets there are where lines end in bare LF', () => {
    const { bodyStructure } = scanMessage(octets('Subject: x\n\na\nb\n'));
    expect(bodyStructure).toMatchObject({ size: 4, lines: 2 });
  });

  test('is over after finish', () => {
    const scanner = new MessageScanner();
    scanner.finish();
    expect(() => scanner.push(new Uint8Array(1))).toThrow(TypeError);
    expect(() => scanner.finish()).toThrow(TypeError);
  });
});

describe('message/global', () => {
  const global = (...fields: string[]): Uint8Array =>
    octets(
      [
        'Content-Type: multipart/mixed; boundary=b',
        '',
        '--b',
        'Content-Type: Message/Global',
        ...fields,
        '',
        'Subject: Gr\xc3\xbc\xc3\x9fe',
        'Content-Type: multipart/mixed; boundary=c',
        '',
        '--c',
        '',
        'text',
        '--c--',
        '--b--',
        '',
      ].join('\r\n'),
    );

  test('is looked into when asked', () => {
    const bytes = global();
    const scanned = scanMessage(bytes, { messageGlobal: true });
    const [part] = scanned.bodyStructure.type === 'multipart' ? scanned.bodyStructure.parts : [];
    expect(part).toMatchObject({
      type: 'message',
      mediaSubtype: 'global',
      envelope: { subject: 'Grüße' },
      body: { type: 'multipart', parts: [{ type: 'text', size: 4 }] },
    });
    const { start, end } = sectionRange(scanned, [1, 1])!;
    expect(new TextDecoder().decode(bytes.subarray(start, end))).toBe('text');
    for (const chunks of everySplit(bytes)) expect(scanChunks(chunks, { messageGlobal: true })).toEqual(scanned);
  });

  test.each([
    ['not asked', global(), {}],
    ['encoded', global('Content-Transfer-Encoding: base64'), { messageGlobal: true }],
  ])('is a part like others when %s', (_, bytes, options) => {
    const { bodyStructure, root } = scanMessage(bytes, options);
    expect(bodyStructure).toMatchObject({ parts: [{ type: 'basic', mediaSubtype: 'Global' }] });
    expect(root.parts[0]?.parts).toEqual([]);
  });
});

describe('limits', () => {
  const depthOf = (part: PartRange): number => 1 + Math.max(0, ...part.parts.map(depthOf));
  const countOf = (part: PartRange): number => part.parts.reduce((sum, child) => sum + countOf(child), 1);

  test('depth', () => {
    const bytes = octets(`${'Content-Type: message/rfc822\r\n\r\n'.repeat(50)}Subject: x\r\n\r\n`);
    expect(depthOf(scanMessage(bytes).root)).toBe(51);
    const { root, bodyStructure } = scanMessage(bytes, { maxDepth: 3 });
    expect(depthOf(root)).toBe(3);
    expect(JSON.stringify(bodyStructure)).toContain('octet-stream');
  });

  test('parts', () => {
    const bytes = octets(`Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(20)}--b--\r\n`);
    expect(countOf(scanMessage(bytes).root)).toBe(21);
    const { root } = scanMessage(bytes, { maxParts: 5 });
    expect(countOf(root)).toBe(5);
    expect(root.parts.at(-1)!.body.end).toBe(bytes.length);
  });

  test('header octets: what is behind them is measured, not read', () => {
    const bytes = octets(`Subject: x\r\nX: ${'y'.repeat(1000)}\r\nTo: a@example.org\r\n\r\nbody`);
    for (const scanned of [
      scanMessage(bytes, { maxHeaderBytes: 100 }),
      scanChunks(octetByOctet(bytes), { maxHeaderBytes: 100 }),
    ]) {
      expect(scanned.envelope).toMatchObject({ subject: 'x', to: [] });
      expect(scanned.header.end).toBe(bytes.length - 4);
    }
  });

  test('memory does not grow with the body', () => {
    const scanner = new MessageScanner();
    scanner.push(octets('Subject: x\r\n\r\n'));
    const chunk = new Uint8Array(1 << 20).fill(0x61);
    for (let pushed = 0; pushed < 200; pushed++) scanner.push(chunk);
    const { size, bodyStructure } = scanner.finish();
    expect(size).toBe(14 + 200 * (1 << 20));
    expect(bodyStructure).toMatchObject({ lines: 0 });
  });
});

describe('numbers that no mailer would write', () => {
  test.each([
    ['sections of one parameter behind a gap', `Content-Type: a/b${'; a*5=b'.repeat(400_000)}`],
    ['parameters in sections', `Content-Type: a/b${Array.from({ length: 300_000 }, (_, n) => `; a${n}*=b`).join('')}`],
    ['parameters', `Content-Type: a/b${'; a=b'.repeat(400_000)}`],
    ['languages', `Content-Type: a/b\r\nContent-Language: ${'a,'.repeat(400_000)}`],
    ['addresses', `To: ${'a@b,'.repeat(400_000)}`],
  ])('of %s are read', (_, header) => {
    expect(scanMessage(octets(`${header}\r\n\r\n`)).size).toBe(header.length + 4);
  });

  test('of levels do not overflow, whatever is allowed', () => {
    const levels = Array.from(
      { length: 5000 },
      (_, n) => `Content-Type: multipart/mixed; boundary=b${10_000 + n}\r\n\r\n--b${10_000 + n}\r\n`,
    );
    const { bodyStructure, root } = scanMessage(octets(levels.join('')), { maxDepth: 1e9, maxParts: 1e9 });
    expect(listAttachments(bodyStructure)).toHaveLength(1);
    expect(findPreviewPart(bodyStructure)).toBeUndefined();
    expect(JSON.stringify(root).length).toBeGreaterThan(1000);
  });
});

describe('time grows with the length alone', () => {
  const nested = (count: number): string =>
    Array.from(
      { length: count },
      (_, level) => `Content-Type: multipart/mixed; boundary=b${level}\r\n\r\n--b${level}\r\n`,
    ).join('');
  test.each<[string, (count: number) => string]>([
    ['nested boundaries', nested],
    ['boundary lines', (count) => `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n'.repeat(count)}`],
    [
      'lines like a boundary',
      (count) =>
        `Content-Type: multipart/mixed; boundary=${'-'.repeat(70)}x\r\n\r\n${`${'-'.repeat(72)}\r\n`.repeat(count)}`,
    ],
    ['lines like many boundaries', (count) => `${nested(98)}\r\n${'--b\r\n'.repeat(count)}`],
    ['header fields', (count) => 'Subject: x\r\n'.repeat(count)],
    ['folds', (count) => `Subject: x${'\r\n y'.repeat(count)}`],
    ['To fields', (count) => 'To: a@b\r\n'.repeat(count)],
    ['parameters', (count) => `Content-Type: text/plain${'; a=b'.repeat(count)}`],
    [
      'continuations',
      (count) => `Content-Type: text/plain${Array.from({ length: count }, (_, index) => `; a*${index}=b`).join('')}`,
    ],
    ['broken parameters', (count) => `Content-Type: text/plain${'; a("'.repeat(count)}`],
    ['broken quoted parameters', (count) => `Content-Type: text/plain${'; a="'.repeat(count)}`],
    ['languages', (count) => `Content-Type: text/plain\r\nContent-Language: ${'a,'.repeat(count)}`],
    ['a line without end', (count) => `\r\n${'x'.repeat(count)}`],
  ])('%s', { retry: 4 }, (_, make) => {
    const time = (count: number): number => {
      const bytes = octets(make(count));
      const start = processorMilliseconds();
      scanMessage(bytes);
      return processorMilliseconds() - start;
    };
    time(500);
    const small = Math.min(time(5_000), time(5_000), time(5_000));
    const large = Math.min(time(20_000), time(20_000));
    expect(large).toBeLessThan(12 * small + 50);
  });
});
