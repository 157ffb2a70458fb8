import type { BodyParameters } from '@posthorn/core';
import {
  type Cursor,
  END,
  isAtEnd,
  MORE,
  type Outcome,
  peek,
  readQuotedString,
  readToken,
  skipSpace,
} from './lexer.ts';
import { EQUALS, isBlank, isLineEnd, OctetBuffer, QUOTE, SEMICOLON } from './octets.ts';

type Parameter = readonly [name: string, value: string];

/** One piece of a parameter that was split or encoded. */
interface Section {
  readonly name: string;
  readonly index: number;
  readonly isExtended: boolean;
  readonly value: string;
}

// Parsing is synchronous and never enters itself, so its room is shared.
const scratch = new OctetBuffer();
const MAX_SECTION = 1_000_000;

/**
 * Reads the parameters behind a content type or disposition up to the end of the field; what does not parse is
 * passed over. Continuations are joined and stand last, in the order of their names; `name*` says that the value is
 * percent-encoded with a charset in front.
 * @see RFC 2045 section 5.1, RFC 2231 section 3
 */
export function readParameters(cursor: Cursor): BodyParameters {
  const parameters: Parameter[] = [];
  const sections: Section[] = [];
  while (!isAtEnd(cursor)) {
    const parameter = readParameter(cursor, scratch);
    if (parameter === undefined) {
      cursor.offset++;
      continue;
    }
    const section = parameter[0].includes('*') ? sectionOf(parameter) : undefined;
    if (section === undefined) parameters.push(parameter);
    else sections.push(section);
  }
  return sections.length > 0 ? [...parameters, ...joinSections(sections)] : parameters;
}

function readParameter(cursor: Cursor, text: OctetBuffer): Parameter | undefined {
  if (peek(cursor) !== SEMICOLON) return undefined;
  cursor.offset++;
  if (skipSpace(cursor) !== MORE) return undefined;
  if (readToken(cursor, text.clear()) !== MORE || peek(cursor) !== EQUALS) return undefined;
  const name = text.text();
  cursor.offset++;
  return readValue(cursor, text.clear()) === -1 ? undefined : [name, text.text()];
}

function readValue(cursor: Cursor, text: OctetBuffer): Outcome {
  const outcome = skipSpace(cursor);
  if (outcome !== MORE) return outcome;
  if (peek(cursor) === QUOTE) return readQuotedString(cursor, text);
  return peek(cursor) === EQUALS ? readBareEncodedWord(cursor, text) : readToken(cursor, text);
}

/** QUIRK: some mailers write `name==?utf-8?Q?=C3=BC?=`, an encoded word without quotes, against RFC 2047 section 5. */
function readBareEncodedWord(cursor: Cursor, text: OctetBuffer): Outcome {
  const start = cursor.offset;
  for (let octet = peek(cursor); octet !== undefined && octet !== SEMICOLON; octet = peek(cursor)) {
    if (isBlank(octet) || isLineEnd(octet)) break;
    cursor.offset++;
  }
  text.add(cursor.bytes, start, cursor.offset);
  return isAtEnd(cursor) ? END : MORE;
}

/** `name*2`, `name*2*`, and `name*`, which is the only section of an encoded value. */
function sectionOf([name, value]: Parameter): Section | undefined {
  const match = /^([^*]*)\*(\d*)(\*?)$/.exec(name);
  if (match === null) return undefined;
  const [, base = '', digits = '', star = ''] = match;
  return { name: base, index: Math.min(Number(digits), MAX_SECTION), isExtended: star === '*' || digits === '', value };
}

function joinSections(sections: readonly Section[]): Parameter[] {
  const byName = new Map<string, Section[]>();
  for (const section of sections) {
    const key = section.name.toLowerCase();
    const run = byName.get(key);
    if (run === undefined) byName.set(key, [section]);
    else run.push(section);
  }
  return [...byName.keys()].sort().flatMap((key) => joinRun(byName.get(key)!));
}

function joinRun(run: Section[]): Parameter[] {
  run.sort((one, other) => one.index - other.index);
  if (run.some(({ index }, place) => index !== place)) {
    return run.map(
      ({ name, index, isExtended, value }) => [`${name}*${index}${isExtended ? '*' : ''}`, value] as const,
    );
  }
  const isExtended = run.some((section) => section.isExtended);
  const pieces = run.map((section) =>
    isExtended && !section.isExtended ? section.value.replaceAll('%', '%25') : section.value,
  );
  return [[`${run[0]!.name}${isExtended ? '*' : ''}`, pieces.join('')]];
}
