/**
 * What stands in the lines of POP3 answers. Tolerant of spaces too many and of words behind what is known.
 * @see RFC 1939 sections 5 and 7, RFC 2449 section 6
 * @module
 */

/** `2 320`: how many messages and octets STAT counted. Undefined when the text is no such answer. */
export function parsePop3Stat(text: string): { readonly count: number; readonly octets: number } | undefined {
  const [count, octets] = words(text).map(number);
  return count === undefined || octets === undefined ? undefined : { count, octets };
}

/** `1 120`: a message and its size, of LIST. */
export function parsePop3Size(line: string): { readonly number: number; readonly octets: number } | undefined {
  const [message, octets] = words(line).map(number);
  return message === undefined || message === 0 || octets === undefined ? undefined : { number: message, octets };
}

/** `1 whqtswO00WBw418f9t5JxYwZ`: a message and its unique id, of UIDL. */
export function parsePop3UniqueId(line: string): { readonly number: number; readonly uniqueId: string } | undefined {
  const [message, uniqueId] = words(line);
  const value = message === undefined ? undefined : number(message);
  return value === undefined || value === 0 || uniqueId === undefined ? undefined : { number: value, uniqueId };
}

/** Lines of CAPA: names in upper case, with the words behind them. */
export function parsePop3Capabilities(lines: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const capabilities = new Map<string, readonly string[]>();
  for (const line of lines) {
    const [name, ...parameters] = words(line);
    if (name !== undefined) capabilities.set(name.toUpperCase(), parameters);
  }
  return capabilities;
}

/** The time stamp of a greeting that APOP signs; undefined unless it has the form of a message id. */
export function pop3Timestamp(greeting: string): string | undefined {
  const open = greeting.indexOf('<');
  const close = greeting.indexOf('>', open + 1);
  if (open < 0 || close < 0) return undefined;
  const stamp = greeting.slice(open, close + 1);
  const at = stamp.indexOf('@');
  if (at < 2 || at !== stamp.lastIndexOf('@') || at > stamp.length - 3) return undefined;
  for (let index = 1; index < stamp.length - 1; index++) {
    const unit = stamp.charCodeAt(index);
    if (unit <= 0x20 || unit > 0x7e || unit === 0x3c) return undefined;
  }
  return stamp;
}

function words(text: string): readonly string[] {
  return text.split(' ').filter((word) => word !== '');
}

function number(word: string): number | undefined {
  if (word === '' || word.length > 15) return undefined;
  for (let index = 0; index < word.length; index++) {
    const unit = word.charCodeAt(index);
    if (unit < 0x30 || unit > 0x39) return undefined;
  }
  return Number(word);
}
