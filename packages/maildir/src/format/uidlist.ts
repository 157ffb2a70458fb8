/**
 * The lines of `dovecot-uidlist`, version 3, and of the version 1 that Courier writes.
 * @module
 */

/** The first line: UIDVALIDITY, the lowest UID that may come next, the mailbox's GUID and fields that are only kept. */
export interface UidlistHeader {
  readonly uidValidity: number;
  readonly nextUid: number;
  readonly guid: string | undefined;
  /** Other fields, each with a space before it. */
  readonly extra: string;
}

/** A line: the UID of a message. */
export interface UidlistRecord {
  readonly uid: number;
  /** Fields such as ` S4096 W4170`, each with a space before it. */
  readonly fields: string;
  readonly base: string;
  /** The listing that saw its file last, as long as it has no message record. */
  seenIn: number;
}

const MAX_ID = 0xffff_ffff;

export type UidlistVersion = 1 | 3;

export function parseHeader(
  line: string,
): { readonly version: UidlistVersion; readonly header: UidlistHeader } | undefined {
  const [version, ...fields] = line.split(' ');
  if (version === '1') {
    const [uidValidity, nextUid] = [Number(fields[0]), Number(fields[1])];
    if (!isId(uidValidity) || !isId(nextUid)) return undefined;
    return { version: 1, header: { uidValidity, nextUid, guid: undefined, extra: '' } };
  }
  if (version !== '3') return undefined;
  let uidValidity = 0;
  let nextUid = 0;
  let guid: string | undefined;
  let extra = '';
  for (const field of fields) {
    const value = field.slice(1);
    if (field.startsWith('V')) uidValidity = Number(value);
    else if (field.startsWith('N')) nextUid = Number(value);
    else if (field.startsWith('G') && /^[0-9a-f]{32}$/i.test(value)) guid = value;
    else if (field !== '') extra += ` ${field}`;
  }
  return isId(uidValidity) && isId(nextUid) ? { version: 3, header: { uidValidity, nextUid, guid, extra } } : undefined;
}

export function formatHeader({ uidValidity, nextUid, guid, extra }: UidlistHeader): string {
  return `3 V${uidValidity} N${Math.min(nextUid, MAX_ID)}${guid === undefined ? '' : ` G${guid}`}${extra}\n`;
}

/** A record, or undefined for a line that makes no sense. */
export function parseRecord(line: string, version: UidlistVersion): UidlistRecord | undefined {
  const space = line.indexOf(' ');
  const uid = Number(line.slice(0, space));
  if (space <= 0 || !isId(uid)) return undefined;
  if (version === 1) {
    const name = line.slice(space + 1);
    const colon = name.indexOf(':');
    return record(uid, '', colon < 0 ? name : name.slice(0, colon));
  }
  const at = line.indexOf(' :', space);
  return at < 0 ? undefined : record(uid, line.slice(space, at), line.slice(at + 2));
}

export function formatRecord({ uid, fields, base }: UidlistRecord): string {
  return `${uid}${fields} :${base}\n`;
}

/** The value of a field such as `G`, or undefined. */
export function recordField(fields: string, letter: string): string | undefined {
  if (fields === '') return undefined;
  const field = fields.split(' ').find((each) => each.startsWith(letter));
  return field?.slice(1);
}

function record(uid: number, fields: string, base: string): UidlistRecord | undefined {
  return base === '' || base.includes('/') ? undefined : { uid, fields, base, seenIn: 0 };
}

function isId(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= MAX_ID;
}
