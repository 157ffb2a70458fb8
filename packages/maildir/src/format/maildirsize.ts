/**
 * The file `maildirsize` of Maildir++: the limits of an account in the first line, such as `1048576S,100C`, and then
 * lines of octets and messages that came, or went. Programs append lines; when the file is long, or makes no sense, one
 * counts anew.
 * @module
 */

/** Most that one account may hold. */
export interface AccountLimits {
  /** Octets of all messages, as they lie on the disk. @defaultValue no limit */
  readonly storage?: number | undefined;
  /** @defaultValue no limit */
  readonly messages?: number | undefined;
}

export interface Usage {
  readonly storage: number;
  readonly messages: number;
}

export interface MaildirSize {
  readonly limits: AccountLimits;
  readonly used: Usage;
  /** How many lines tell what is in use. */
  readonly lines: number;
}

export const NOTHING: Usage = { storage: 0, messages: 0 };
/** A longer file is written anew. */
const MAX_OCTETS = 5_120;
/** Makes every reader count anew, whatever is appended later. */
export const INVALID: Usage = { storage: -(10 ** 15), messages: -(10 ** 9) };

/** What the file says; undefined when one has to count. An unfinished last line is passed over. */
export function parseMaildirSize(text: string): MaildirSize | undefined {
  const lines = text.split('\n').slice(0, -1);
  const limits = parseLimits(lines[0] ?? '');
  if (limits === undefined || text.length > MAX_OCTETS || lines.length < 2) return undefined;
  let used = NOTHING;
  for (const line of lines.slice(1)) {
    const match = /^\s*(-?\d{1,15})\s+(-?\d{1,15})\s*$/.exec(line);
    // Courier leaves lines blank.
    if (match !== null) used = plus(used, { storage: Number(match[1]), messages: Number(match[2]) });
    else if (line.trim() !== '') return undefined;
  }
  return used.storage < 0 || used.messages < 0 ? undefined : { limits, used, lines: lines.length - 1 };
}

/** The limits in the first line of the file. */
export function parseLimits(line: string): AccountLimits | undefined {
  let storage: number | undefined;
  let messages: number | undefined;
  for (const word of line.trim().split(',')) {
    const [, digits, letter] = /^(\d{1,15})([A-Z])$/.exec(word) ?? [];
    if (digits === undefined) return undefined;
    const value = digits === '0' ? undefined : Number(digits);
    if (letter === 'S') storage = value;
    if (letter === 'C') messages = value;
  }
  return { storage, messages };
}

/** A file that was just counted. */
export function formatMaildirSize(limits: AccountLimits, used: Usage): string {
  const words = [
    ...(limits.storage === undefined ? [] : [`${limits.storage}S`]),
    ...(limits.messages === undefined ? [] : [`${limits.messages}C`]),
  ];
  return `${words.length === 0 ? '0S' : words.join(',')}\n${formatLine(used)}`;
}

export function formatLine({ storage, messages }: Usage): string {
  return `${storage} ${messages}\n`;
}

export function sameLimits(left: AccountLimits, right: AccountLimits): boolean {
  return left.storage === right.storage && left.messages === right.messages;
}

export function plus(left: Usage, right: Usage): Usage {
  return { storage: left.storage + right.storage, messages: left.messages + right.messages };
}

export function minus({ storage, messages }: Usage): Usage {
  return { storage: -storage, messages: -messages };
}

/** Whether so much is within the limits. */
export function fits({ storage, messages }: Usage, limits: AccountLimits): boolean {
  return (
    storage <= (limits.storage ?? Number.POSITIVE_INFINITY) && messages <= (limits.messages ?? Number.POSITIVE_INFINITY)
  );
}
