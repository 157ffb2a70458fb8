import type { ModSeq } from '@posthorn/core';
import { CLASSES, DIGIT, DQUOTE, MINUS, PLUS } from '../octets/octets.ts';
import { asciiText } from '../octets/text.ts';
import type { Reader } from '../tokens/reader.ts';

const MAX_MOD_SEQ = 0x7fff_ffff_ffff_ffffn;
const NO_MOD_SEQ = 0n as ModSeq;

/**
 * A size or count. Lenient: negative numbers, floats, quoted numbers and NIL, which servers send for "unknown", and
 * where `allowsLarge` numbers of 64 bits, which become the largest safe integer.
 */
export function readSize(reader: Reader, allowsLarge = false): number {
  const octet = reader.peek();
  if (octet >= 0x30 && octet <= 0x39) {
    const value = allowsLarge ? reader.digits() : reader.number();
    if (value > Number.MAX_SAFE_INTEGER) {
      reader.quirk('QUIRK_LARGE_NUMBER', 'a number is larger than can be told');
      return Number.MAX_SAFE_INTEGER;
    }
    const next = reader.peek();
    if (next === 0x2e || next === 0x65 || next === 0x45) return readFloat(reader, value);
    return value;
  }
  if (octet === MINUS) {
    reader.quirk('QUIRK_NEGATIVE_NUMBER', 'a number is negative');
    reader.offset++;
    reader.number();
    return 0;
  }
  if (octet === DQUOTE) {
    reader.quirk('QUIRK_QUOTED_NUMBER', 'a number is quoted');
    reader.offset++;
    const value = readSize(reader);
    reader.expect(DQUOTE);
    return value;
  }
  if (reader.nil()) {
    reader.quirk('QUIRK_NIL_NUMBER', 'NIL where a number belongs');
    return 0;
  }
  return reader.fail('expected a number');
}

function readFloat(reader: Reader, integer: number): number {
  reader.quirk('QUIRK_FLOAT_NUMBER', 'a number is written as a float');
  let digits = `${integer}`;
  let exponent = 0;
  if (reader.accept(0x2e)) {
    const start = reader.offset;
    reader.number();
    digits += asciiText(reader.bytes, start, reader.offset);
    exponent = start - reader.offset;
  }
  if (reader.peek() === 0x65 || reader.peek() === 0x45) {
    reader.offset++;
    const isNegative = reader.accept(MINUS);
    if (!isNegative) reader.accept(PLUS);
    const power = reader.number();
    exponent += isNegative ? -power : power;
  }
  const value = Math.floor(Number(`${digits}e${exponent}`));
  if (!Number.isSafeInteger(value)) reader.fail('a number is too large');
  return value;
}

/** A mod-sequence: 63 bits. Lenient: a negative number, which is none. */
export function readModSeq(reader: Reader): ModSeq {
  if (reader.peek() === MINUS) {
    reader.quirk('QUIRK_NEGATIVE_NUMBER', 'a mod-sequence is negative');
    reader.offset++;
    reader.digits();
    return NO_MOD_SEQ;
  }
  const start = reader.offset;
  while (reader.offset < reader.end && (CLASSES[reader.bytes[reader.offset]!]! & DIGIT) !== 0) reader.offset++;
  const length = reader.offset - start;
  if (length === 0) reader.fail('expected a number');
  if (length > 19) reader.fail('a number is too large');
  const text = asciiText(reader.bytes, start, reader.offset);
  const value = length < 16 ? BigInt(Number(text)) : BigInt(text);
  if (value > MAX_MOD_SEQ) reader.fail('a number is too large');
  return value as ModSeq;
}
