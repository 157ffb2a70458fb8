/**
 * Message identifiers and how they are compared.
 * @module
 */

/** Longest identifier that is taken apart; a line of mail has no more. */
const MAX_LENGTH = 998;
const ATEXT = /[^\0- "(),.:;<>@[\\\]\x7f]/;

/**
 * Finds the message identifiers in a field such as References, in linear time. What is between them is passed over.
 *
 * @returns Each identifier without its angles, in the one form they are compared in: `<"a.b"@host>` and `<a.b@host>`
 *   are both `a.b@host`. White space and comments are removed; case is kept.
 * @see RFC 5256 section 3, REFERENCES; RFC 5322 section 3.6.4
 */
export function parseMessageIds(text: string): readonly string[] {
  const found: string[] = [];
  let at = text.indexOf('<');
  const marks: Marks = { text, stop: -1, at: -1 };
  while (at !== -1) {
    const id = readIdentifier(marks, at + 1);
    if (id?.text !== undefined) found.push(id.text);
    at = text.indexOf('<', id === undefined ? at + 1 : id.end);
  }
  return found;
}

/** The first message identifier of a field, or undefined. @see {@link parseMessageIds} */
export function parseMessageId(text: string): string | undefined {
  const [first] = parseMessageIds(text);
  return first;
}

/** The next octet that decides how an identifier is read, and the last `@` before it. */
interface Marks {
  readonly text: string;
  stop: number;
  at: number;
}

/** What was read and where it ends; no text when it is none; undefined when the next may begin within. */
type Found = { readonly text: string | undefined; readonly end: number } | undefined;

function readIdentifier(marks: Marks, start: number): Found {
  const { text } = marks;
  if (marks.stop < start) findMarks(marks, start);
  const { stop } = marks;
  if (stop === text.length) return { text: undefined, end: text.length };
  if (text[stop] !== '>') return readTokens(text.slice(start, start + MAX_LENGTH), start);
  const id = marks.at >= start ? text.slice(start, stop).replace(/[ \t\r\n]+/g, '') : undefined;
  return { text: id, end: stop + 1 };
}

function findMarks(marks: Marks, start: number): void {
  const { text } = marks;
  let stop = start;
  marks.at = -1;
  for (; stop < text.length; stop++) {
    const letter = text[stop]!;
    if (letter === '@') marks.at = stop;
    if (letter === '>' || letter === '"' || letter === '(') break;
  }
  marks.stop = stop;
}

/** Reads an identifier with quotes or comments in it. */
function readTokens(text: string, start: number): Found {
  const reader: Reader = { text, offset: 0 };
  skipSpace(reader);
  const left = text[reader.offset] === '"' ? readQuoted(reader) : readDotAtom(reader);
  if (left === undefined || text[reader.offset] !== '@') return undefined;
  reader.offset++;
  skipSpace(reader);
  const right = text[reader.offset] === '[' ? readLiteral(reader) : readDotAtom(reader);
  if (right === undefined || text[reader.offset] !== '>') return undefined;
  return { text: `${left}@${right}`, end: start + reader.offset + 1 };
}

interface Reader {
  readonly text: string;
  offset: number;
}

function skipSpace(reader: Reader): void {
  for (;;) {
    const letter = reader.text[reader.offset];
    if (letter === '(') skipComment(reader);
    else if (letter !== undefined && ' \t\r\n'.includes(letter)) reader.offset++;
    else return;
  }
}

function skipComment(reader: Reader): void {
  let depth = 0;
  for (; reader.offset < reader.text.length; reader.offset++) {
    const letter = reader.text[reader.offset];
    if (letter === '\\') reader.offset++;
    else if (letter === '(') depth++;
    else if (letter === ')' && --depth === 0) {
      reader.offset++;
      return;
    }
  }
}

function readDotAtom(reader: Reader): string | undefined {
  let read = '';
  for (;;) {
    const start = reader.offset;
    while (reader.offset < reader.text.length && ATEXT.test(reader.text[reader.offset]!)) reader.offset++;
    if (reader.offset === start && read === '') return undefined;
    read += reader.text.slice(start, reader.offset);
    skipSpace(reader);
    if (reader.text[reader.offset] !== '.') return read;
    reader.offset++;
    read += '.';
    skipSpace(reader);
  }
}

function readQuoted(reader: Reader): string | undefined {
  let read = '';
  for (reader.offset++; reader.offset < reader.text.length; reader.offset++) {
    const letter = reader.text[reader.offset]!;
    if (letter === '"') {
      reader.offset++;
      skipSpace(reader);
      return read;
    }
    if (letter === '\\') reader.offset++;
    if (letter !== '\r' && letter !== '\n') read += reader.text[reader.offset] ?? '';
  }
  return undefined;
}

/** `no-fold-literal`, such as `[192.0.2.1]`. */
function readLiteral(reader: Reader): string | undefined {
  const end = reader.text.indexOf(']', reader.offset);
  if (end === -1) return undefined;
  const read = reader.text.slice(reader.offset, end + 1);
  reader.offset = end + 1;
  skipSpace(reader);
  return read;
}
