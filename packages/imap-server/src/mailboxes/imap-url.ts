import type { Section, SectionText } from '@posthorn/wire';

/** A message or part of one on this server. */
export interface MessageUrl {
  /** Name in UTF-8; undefined for the selected mailbox. */
  readonly mailbox: string | undefined;
  readonly uidValidity: number | undefined;
  readonly uid: number;
  readonly section: Section;
  readonly partial?: { readonly offset: number; readonly length: number } | undefined;
}

const SECTION = /^(?:(\d+(?:\.\d+)*)(?:\.|$))?(HEADER\.FIELDS(?:\.NOT)? ?\(([^()]*)\)|HEADER|TEXT|MIME)?$/i;

/**
 * Reads a relative IMAP URL that names a message, such as `/Drafts;UIDVALIDITY=385759045/;UID=20/;SECTION=1.2`.
 * Undefined for anything else, URLs of other servers too.
 * @see RFC 5092 section 7, RFC 4469 section 3
 */
export function parseMessageUrl(url: string): MessageUrl | undefined {
  const match = /^(?:\/([^;]*?)(?:;UIDVALIDITY=(\d{1,10}))?)?\/?;UID=(\d{1,10})((?:\/;[A-Z]+=[^;]*)*)$/i.exec(url);
  if (match === null) return undefined;
  const [, name = '', validity, uid, rest = ''] = match;
  const mailbox = decoded(name);
  const parameters = new Map<string, string>();
  for (const part of rest.split('/;').slice(1)) {
    const value = decoded(part.slice(part.indexOf('=') + 1));
    const key = part.slice(0, part.indexOf('=')).toUpperCase();
    if (value === undefined || parameters.has(key) || (key !== 'SECTION' && key !== 'PARTIAL')) return undefined;
    parameters.set(key, value);
  }
  const section = readSection(parameters.get('SECTION') ?? '');
  const partial = readPartial(parameters.get('PARTIAL'));
  if (mailbox === undefined || section === undefined || partial === undefined) return undefined;
  return {
    mailbox: mailbox === '' ? undefined : mailbox,
    uidValidity: validity === undefined ? undefined : Number(validity),
    uid: Number(uid),
    section,
    ...(partial === 'all' ? {} : { partial }),
  };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function readSection(text: string): Section | undefined {
  const match = SECTION.exec(text);
  if (match === null) return undefined;
  const [, numbers, words, fields] = match;
  const part = numbers === undefined ? [] : numbers.split('.').map(Number);
  if (part.includes(0) || part.some((number) => !Number.isSafeInteger(number))) return undefined;
  if (words === undefined) return { part };
  const name = words.replace(/ ?\(.*$/s, '').toUpperCase() as SectionText;
  if (name === 'MIME' && part.length === 0) return undefined;
  if (fields === undefined) return { part, text: name };
  const names = fields.split(' ').filter((field) => field !== '');
  return names.length === 0 ? undefined : { part, text: name, fields: names };
}

function readPartial(text: string | undefined): { offset: number; length: number } | 'all' | undefined {
  if (text === undefined) return 'all';
  const match = /^(\d{1,15})(?:\.(\d{1,15}))?$/.exec(text);
  if (match === null) return undefined;
  const length = match[2] === undefined ? Number.MAX_SAFE_INTEGER : Number(match[2]);
  return length === 0 ? undefined : { offset: Number(match[1]), length };
}
