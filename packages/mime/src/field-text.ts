/**
 * Field bodies without structure, as IMAP shows them.
 * @module
 */
import { headerText, isBlank, isLineEnd, OctetBuffer, SPACE } from './octets.ts';

/**
 * A field body unfolded: line ends are removed, and so is the white space before the text. A body of nothing but
 * white space loses one octet of it. A CR or LF that folds nothing becomes a space.
 * @see RFC 5322 section 2.2.3
 */
export function unfoldedText(body: Uint8Array): string {
  let start = 0;
  while (isBlank(body[start])) start++;
  if (start > 1 && (start === body.length || isLineEnd(body[start]))) start = 1;
  let at = start;
  while (at < body.length && !isLineEnd(body[at])) at++;
  if (at === body.length) return headerText(body.subarray(start));
  const text = new OctetBuffer();
  while (at < body.length) {
    text.add(body, start, at);
    while (isLineEnd(body[at])) at++;
    if (at < body.length && !isBlank(body[at])) text.addOctet(SPACE);
    start = at;
    while (at < body.length && !isLineEnd(body[at])) at++;
  }
  text.add(body, start, at);
  return text.text();
}

/** Text for people: every run of white space and line ends is one space, and there is none at the ends. */
export function collapsedText(body: Uint8Array): string {
  let isClean = body.length === 0 || (!isSpace(body[0]) && !isSpace(body[body.length - 1]));
  for (let index = 0; isClean && index < body.length; index++) {
    const octet = body[index]!;
    isClean = octet > SPACE || (octet === SPACE ? body[index + 1] !== SPACE : !isSpace(octet));
    if (octet === SPACE && isSpace(body[index + 1])) isClean = false;
  }
  if (isClean) return headerText(body);
  const text = new OctetBuffer();
  for (let at = 0; at < body.length; ) {
    while (at < body.length && isSpace(body[at])) at++;
    const start = at;
    while (at < body.length && !isSpace(body[at])) at++;
    if (at > start && text.length > 0) text.addOctet(SPACE);
    text.add(body, start, at);
  }
  return text.text();
}

function isSpace(octet: number | undefined): boolean {
  return isBlank(octet) || isLineEnd(octet);
}
