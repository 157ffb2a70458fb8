import type { ByteRange } from '@posthorn/core';
import { COLON, CR, headerText, isAsciiText, isBlank, LF } from './octets.ts';

/** One field of a header. */
export interface HeaderField {
  /** As written, without white space before the colon; a line without a colon is all name. */
  readonly name: string;
  /** Octets after the colon, folds and outer white space included, without the last line end. A view into the header. */
  readonly body: Uint8Array;
  /** Place of the whole field in the header, its last line end included. */
  readonly range: ByteRange;
}

/**
 * Places within a header: the name, the octets after the colon up to the last line end, the whole field. A line without
 * a colon has an empty body at its end.
 */
export interface FieldBounds {
  readonly start: number;
  readonly nameEnd: number;
  readonly bodyStart: number;
  readonly bodyEnd: number;
  readonly end: number;
  readonly hasColon: boolean;
}

/**
 * Parses a header, in linear time. Lines end in LF, with or without CR before it. The header ends with the first
 * empty line, or with the octets. Lines that are not fields are given as fields without a body; nothing is dropped.
 * @see RFC 5322 section 2.2
 */
export function parseHeader(bytes: Uint8Array): readonly HeaderField[] {
  const fields: HeaderField[] = [];
  visitFields(bytes, ({ start, nameEnd, bodyStart, bodyEnd, end }) => {
    fields.push({
      name: headerText(bytes.subarray(start, nameEnd)),
      body: bytes.subarray(bodyStart, bodyEnd),
      range: { start, end },
    });
  });
  return fields;
}

/**
 * Selects fields of a header, for `HEADER.FIELDS` and `HEADER.FIELDS.NOT`.
 *
 * @param header - A whole header.
 * @param names - Field names, compared without regard to ASCII case.
 * @param not - Whether to keep the fields that are not named instead.
 * @returns The octets of the selected fields as they are in the header, in its order, and the empty line that ends
 *   the header, if it has one.
 * @see RFC 9051 section 6.4.5.1
 */
export function headerFields(header: Uint8Array, names: readonly string[], not = false): Uint8Array {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  const kept: FieldBounds[] = [];
  let length = 0;
  let end = 0;
  visitFields(header, (field) => {
    end = field.end;
    const isNamed = wanted.has(headerText(header.subarray(field.start, field.nameEnd)).toLowerCase());
    if (isNamed === not) return;
    kept.push(field);
    length += field.end - field.start;
  });
  const emptyLine = header.subarray(end, lineEnd(header, end));
  const selected = new Uint8Array(length + emptyLine.length);
  let offset = 0;
  for (const { start, end } of kept) {
    selected.set(header.subarray(start, end), offset);
    offset += end - start;
  }
  selected.set(emptyLine, offset);
  return selected;
}

/** Calls `visit` for each field, in order. */
export function visitFields(bytes: Uint8Array, visit: (field: FieldBounds) => void): void {
  let start = 0;
  while (start < bytes.length && !isEmptyLine(bytes, start)) {
    let end = lineEnd(bytes, start);
    const firstLineEnd = end;
    while (end < bytes.length && isBlank(bytes[end])) end = lineEnd(bytes, end);
    visit(bounds(bytes, start, firstLineEnd, end));
    start = end;
  }
}

/** Whether a field has this name, given in lower case. A line without a colon has none. */
export function isNamed(bytes: Uint8Array, { start, nameEnd, hasColon }: FieldBounds, name: string): boolean {
  return hasColon && isAsciiText(bytes, start, nameEnd, name);
}

function bounds(bytes: Uint8Array, start: number, firstLineEnd: number, end: number): FieldBounds {
  const bodyEnd = withoutLineEnd(bytes, start, end);
  let colon = start;
  while (colon < firstLineEnd && bytes[colon] !== COLON) colon++;
  const hasColon = colon < firstLineEnd;
  let nameEnd = hasColon ? colon : withoutLineEnd(bytes, start, firstLineEnd);
  while (nameEnd > start && isBlank(bytes[nameEnd - 1])) nameEnd--;
  return { start, nameEnd, bodyStart: hasColon ? colon + 1 : bodyEnd, bodyEnd, end, hasColon };
}

function lineEnd(bytes: Uint8Array, start: number): number {
  const end = bytes.indexOf(LF, start);
  return end === -1 ? bytes.length : end + 1;
}

function withoutLineEnd(bytes: Uint8Array, start: number, end: number): number {
  if (end === start || bytes[end - 1] !== LF) return end;
  return end - 1 > start && bytes[end - 2] === CR ? end - 2 : end - 1;
}

function isEmptyLine(bytes: Uint8Array, start: number): boolean {
  return bytes[start] === LF || (bytes[start] === CR && bytes[start + 1] === LF);
}
