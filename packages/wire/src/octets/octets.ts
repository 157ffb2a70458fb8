/**
 * Octets with a meaning in the grammar, and classes of octets.
 * @see RFC 9051 section 9
 * @module
 */
export const NUL = 0x00;
export const LF = 0x0a;
export const CR = 0x0d;
export const SP = 0x20;
export const DQUOTE = 0x22;
export const DOLLAR = 0x24;
export const PERCENT = 0x25;
export const LPAREN = 0x28;
export const RPAREN = 0x29;
export const ASTERISK = 0x2a;
export const PLUS = 0x2b;
export const COMMA = 0x2c;
export const MINUS = 0x2d;
export const DOT = 0x2e;
export const COLON = 0x3a;
export const LESS = 0x3c;
export const GREATER = 0x3e;
export const LBRACKET = 0x5b;
export const BACKSLASH = 0x5c;
export const RBRACKET = 0x5d;
export const LBRACE = 0x7b;
export const RBRACE = 0x7d;
export const TILDE = 0x7e;

/** May stand in an atom. */
export const ATOM = 1;
/** May stand in an unquoted astring. */
export const ASTRING = 2;
/** May stand in an unquoted LIST pattern. */
export const PATTERN = 4;
export const DIGIT = 8;
/** May stand in a tag. */
export const TAG = 16;
/** Stands for itself in a quoted string, and is ASCII. */
export const QUOTED = 32;
/** Ends a fetch item's name. */
export const NAME = 64;

/** The classes each octet is in. */
export const CLASSES: Uint8Array = classify();

function classify(): Uint8Array {
  const classes = new Uint8Array(256);
  for (let octet = 1; octet < 0x80; octet++) {
    let bits = 0;
    if (octet !== CR && octet !== LF && octet !== DQUOTE && octet !== BACKSLASH) bits |= QUOTED;
    const isSpecial = octet <= SP || octet === 0x7f || [LPAREN, RPAREN, LBRACE, DQUOTE, BACKSLASH].includes(octet);
    const isWildcard = octet === PERCENT || octet === ASTERISK;
    if (!isSpecial) bits |= PATTERN;
    if (!isSpecial && !isWildcard) bits |= ASTRING;
    if (!isSpecial && !isWildcard && octet !== RBRACKET) bits |= ATOM;
    if (!isSpecial && !isWildcard && octet !== PLUS) bits |= TAG;
    if (!isSpecial && !isWildcard && octet !== LBRACKET && octet !== RBRACKET && octet !== LESS) bits |= NAME;
    if (octet >= 0x30 && octet <= 0x39) bits |= DIGIT;
    classes[octet] = bits;
  }
  return classes;
}

/** Whether an octet is an ASCII letter. */
export function isLetter(octet: number): boolean {
  const lower = octet | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}
