import { type BodyParameters, concatBytes, utf8Bytes } from '@posthorn/core';
import { type CharsetOptions, decodeCharset } from './charset.ts';
import { decodeWords, unescaped } from './encoded-words.ts';

/** The value of a parameter as text. */
export interface ParameterValue {
  readonly text: string;
  /** The language it says it is in, such as `de`, or null. */
  readonly language: string | null;
}

const PERCENT = 0x25;
const SECTION = /^(.+?)\*(?:(\d{1,6})(\*)?)?$/;

/**
 * Decodes the parameters of a content type or disposition: percent-encoded values with a charset and language, values
 * in sections, and encoded words, which have no place in parameters and are common. A value that tells its charset
 * wins over one of the same name that does not; of equals the first wins. Sections behind a gap are left out.
 *
 * @param parameters - As BODYSTRUCTURE has them, whether the server joined the sections or not.
 * @returns Values by name in lower case.
 * @see RFC 2231 sections 3 and 4
 */
export function decodeParameters(
  parameters: BodyParameters,
  options: CharsetOptions = {},
): ReadonlyMap<string, ParameterValue> {
  const decoded = new Map<string, ParameterValue>();
  for (const [name, sections] of sectionsByName(parameters)) {
    const value = sections.get(0);
    if (value !== undefined) decoded.set(name, joined(sections, value, options));
  }
  for (const [name, value] of parameters) {
    const key = name.toLowerCase();
    if (!SECTION.test(key) && !decoded.has(key)) {
      decoded.set(key, { text: decodeWords(value, options), language: null });
    }
  }
  return decoded;
}

/** A piece of a value. */
interface Section {
  readonly value: string;
  readonly isEncoded: boolean;
}

type Sections = Map<number, Section>;

function sectionsByName(parameters: BodyParameters): Map<string, Sections> {
  const byName = new Map<string, Sections>();
  for (const [spelling, value] of parameters) {
    const [, name, index, star] = SECTION.exec(spelling.toLowerCase()) ?? [];
    if (name === undefined) continue;
    const sections: Sections = byName.get(name) ?? new Map();
    byName.set(name, sections);
    const place = Number(index ?? 0);
    if (!sections.has(place)) sections.set(place, { value, isEncoded: index === undefined || star !== undefined });
  }
  return byName;
}

function joined(sections: Sections, first: Section, options: CharsetOptions): ParameterValue {
  const [, charset = '', language = '', value] = /^([^']*)'([^']*)'(.*)$/s.exec(first.value) ?? [];
  const isTold = first.isEncoded && value !== undefined;
  const pieces = [octetsOf(isTold ? { ...first, value } : first)];
  for (let place = 1, next = sections.get(1); next !== undefined; next = sections.get(++place)) {
    pieces.push(octetsOf(next));
  }
  const bytes = concatBytes(pieces);
  return { text: decodeCharset(bytes, isTold ? charset : '', options), language: (isTold && language) || null };
}

function octetsOf({ value, isEncoded }: Section): Uint8Array {
  return isEncoded ? unescaped(value, PERCENT) : utf8Bytes(value);
}
