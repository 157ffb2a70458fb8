/**
 * Collations by their maps: two texts compare as the octets of their maps in UTF-8 do.
 * @module
 */

/** Turns text into what is compared in its place. {@link unicodeCasemap} and {@link asciiCasemap} are such maps. */
export type Casemap = (text: string) => string;

/**
 * The map of `i;unicode-casemap`: every character in title case, decomposed. SORT and THREAD collate by it.
 * @see RFC 5051 section 2
 */
export function unicodeCasemap(text: string): string {
  if (isAscii(text)) return text.toUpperCase();
  let mapped = '';
  for (const character of text) mapped += mappedCharacter(character);
  return mapped;
}

/** The map of `i;ascii-casemap`: `a` to `z` in upper case and nothing else. @see RFC 4790 section 9.2 */
export function asciiCasemap(text: string): string {
  return isAscii(text) ? text.toUpperCase() : text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

/**
 * A key that compares by `<` as the text does by its octets in UTF-8. Code units of astral characters lie below
 * U+E000 to U+FFFF and must come out above them.
 */
export function octetOrderKey(text: string): string {
  if (!/[\ud800-\uffff]/.test(text)) return text;
  return text.replace(/[\ud800-\uffff]/g, (unit) => {
    const code = unit.charCodeAt(0);
    return String.fromCharCode(code < 0xe000 ? code + 0x2000 : code - 0x800);
  });
}

function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text);
}

/** Of characters in use, which are few; hostile text cannot make it grow. */
const mappedCharacters = new Map<string, string>();
const MOST_MAPPED_CHARACTERS = 4096;

function mappedCharacter(character: string): string {
  let mapped = mappedCharacters.get(character);
  if (mapped === undefined) {
    mapped = titleCase(character).normalize('NFKD');
    if (mappedCharacters.size === MOST_MAPPED_CHARACTERS) mappedCharacters.clear();
    mappedCharacters.set(character, mapped);
  }
  return mapped;
}

/** Characters whose simple title case is neither their upper case nor themselves. */
const TITLE_CASE: ReadonlyMap<string, string> = new Map(
  [
    ['Ǆǅǆ', 'ǅ'],
    ['Ǉǈǉ', 'ǈ'],
    ['Ǌǋǌ', 'ǋ'],
    ['Ǳǲǳ', 'ǲ'],
    ['ᾳ', 'ᾼ'],
    ['ῃ', 'ῌ'],
    ['ῳ', 'ῼ'],
  ].flatMap(([letters, title]) => [...letters!].map((letter) => [letter, title!] as const)),
);

/** The simple title case of UnicodeData.txt: one character for one. */
function titleCase(character: string): string {
  const title = TITLE_CASE.get(character);
  if (title !== undefined) return title;
  const code = character.codePointAt(0)!;
  // Georgian has upper case, but is its own title case.
  if (code >= 0x10d0 && code <= 0x10ff) return character;
  // Greek with iota subscript: eight small letters, then their title case.
  if (code >= 0x1f80 && code <= 0x1faf) return String.fromCharCode(code | 8);
  const upper = character.toUpperCase();
  return upper.length === character.length ? upper : character;
}
