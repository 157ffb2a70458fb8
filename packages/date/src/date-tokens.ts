const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const LEFT_PARENTHESIS = 0x28;
const RIGHT_PARENTHESIS = 0x29;
const DIGIT_0 = 0x30;
const BACKSLASH = 0x5c;
const LOWER_A = 0x61;
/** More than the longest date anybody writes; what follows is not looked at. */
const MAX_TOKENS = 32;
const MAX_DIGITS = 9;

/** A run of digits, a run of letters (in lower case), or any one other character. */
export type DateToken =
  | { readonly type: 'number'; readonly value: number; readonly digits: number }
  | { readonly type: 'word' | 'mark'; readonly text: string };

/** Cuts the body of a Date field into tokens, without white space and comments. Linear, whatever the nesting. */
export function dateTokens(text: string): readonly DateToken[] {
  const tokens: DateToken[] = [];
  let offset = 0;
  while (offset < text.length && tokens.length < MAX_TOKENS) {
    const code = text.charCodeAt(offset);
    const start = offset++;
    if (code === SPACE || code === TAB || code === CR || code === LF) continue;
    if (code === LEFT_PARENTHESIS) {
      offset = endOfComment(text, offset);
    } else if (isDigit(code)) {
      while (isDigit(text.charCodeAt(offset))) offset++;
      const digits = offset - start;
      tokens.push({
        type: 'number',
        value: digits > MAX_DIGITS ? Number.NaN : Number(text.slice(start, offset)),
        digits,
      });
    } else if (isLetter(code)) {
      while (isLetter(text.charCodeAt(offset))) offset++;
      tokens.push({ type: 'word', text: text.slice(start, offset).toLowerCase() });
    } else tokens.push({ type: 'mark', text: text.charAt(start) });
  }
  return tokens;
}

/** Where the comment ends that began before `offset`; the end of the text for one left open. */
function endOfComment(text: string, offset: number): number {
  let depth = 1;
  let end = offset;
  while (end < text.length && depth > 0) {
    const code = text.charCodeAt(end++);
    if (code === BACKSLASH) end++;
    else if (code === LEFT_PARENTHESIS) depth++;
    else if (code === RIGHT_PARENTHESIS) depth--;
  }
  return end;
}

function isDigit(code: number): boolean {
  return code >= DIGIT_0 && code <= DIGIT_0 + 9;
}

function isLetter(code: number): boolean {
  const lower = code | 0x20;
  return lower >= LOWER_A && lower <= LOWER_A + 25;
}
