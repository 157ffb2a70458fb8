import { describe, expect, test } from 'vitest';
import { scanMessage, sectionRange } from '../src/index.ts';
import { octets } from './torture.ts';

const MESSAGE = octets(
  [
    'Content-Type: multipart/mixed; boundary=o',
    '',
    '--o',
    'Content-Type: text/plain',
    '',
    'one',
    '--o',
    'Content-Type: message/rfc822',
    '',
    'Subject: inner',
    'Content-Type: multipart/mixed; boundary=i',
    '',
    '--i',
    '',
    'two',
    '--i--',
    '',
    '--o',
    'Content-Type: message/rfc822',
    '',
    'Subject: plain',
    '',
    'three',
    '--o--',
    '',
  ].join('\r\n'),
);
const scanned = scanMessage(MESSAGE);

function section(part: readonly number[], text?: 'HEADER' | 'MIME' | 'TEXT'): string | undefined {
  const range = sectionRange(scanned, part, text);
  return range && String.fromCharCode(...MESSAGE.subarray(range.start, range.end));
}

describe('sectionRange', () => {
  test('of the message', () => {
    expect(section([])).toBe(String.fromCharCode(...MESSAGE));
    expect(section([], 'HEADER')).toBe('Content-Type: multipart/mixed; boundary=o\r\n\r\n');
    expect(section([], 'TEXT')).toBe(String.fromCharCode(...MESSAGE.subarray(45)));
    expect(section([], 'MIME')).toBeUndefined();
  });

  test('of parts', () => {
    expect(section([1])).toBe('one');
    expect(section([1], 'MIME')).toBe('Content-Type: text/plain\r\n\r\n');
    expect(section([1], 'HEADER')).toBeUndefined();
    expect(section([1, 1])).toBeUndefined();
    expect(section([4])).toBeUndefined();
    expect(section([0])).toBeUndefined();
  });

  test('of messages in parts', () => {
    expect(section([2], 'HEADER')).toBe('Subject: inner\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n');
    expect(section([2], 'TEXT')).toBe('--i\r\n\r\ntwo\r\n--i--\r\n');
    expect(section([2], 'MIME')).toBe('Content-Type: message/rfc822\r\n\r\n');
    expect(section([2, 1])).toBe('two');
    expect(section([2, 2])).toBeUndefined();
    expect(section([3, 1])).toBe('three');
    expect(section([3, 1], 'MIME')).toBe('Subject: plain\r\n\r\n');
    expect(section([3, 2])).toBeUndefined();
  });

  test('of a message that is no multipart', () => {
    const plain = scanMessage(octets('Subject: x\r\n\r\nbody'));
    expect(sectionRange(plain, [1])).toEqual({ start: 14, end: 18 });
    expect(sectionRange(plain, [1], 'MIME')).toEqual({ start: 0, end: 14 });
    expect(sectionRange(plain, [2])).toBeUndefined();
    expect(sectionRange(plain, [1, 1])).toBeUndefined();
  });
});
