import { utf8Bytes } from '@posthorn/core';
import { formatMessageDate, internalDateOf } from '@posthorn/date';

/** A message to be written out, for tests that care for its content and not for its octets. */
export interface MessageDraft {
  /** As `Ann Example <ann@example.org>`. @defaultValue `sender@example.org` */
  readonly from?: string | undefined;
  /** @defaultValue `recipient@example.org` */
  readonly to?: string | undefined;
  readonly cc?: string | undefined;
  /** @defaultValue none */
  readonly subject?: string | undefined;
  /** @defaultValue the time of the server */
  readonly date?: Date | undefined;
  /** With its angle brackets. @defaultValue one made of a counter */
  readonly messageId?: string | undefined;
  /** Further header fields. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** @defaultValue empty */
  readonly text?: string | undefined;
  readonly html?: string | undefined;
  readonly attachments?: readonly AttachmentDraft[] | undefined;
}

export interface AttachmentDraft {
  readonly filename: string;
  /** @defaultValue `application/octet-stream` */
  readonly mediaType?: string | undefined;
  readonly content: string | Uint8Array;
}

/** Octets of one encoded word, which may hold 75 in all. */
const MAX_WORD_OCTETS = 45;
const LINE_OCTETS = 57;

/**
 * Writes a message: CRLF line ends, text in UTF-8 and base64, words in a header encoded where they are not ASCII.
 * @throws RangeError for a value of a header field with a line end.
 * @see RFC 5322, RFC 2045, RFC 2047
 */
export function composeMessage(draft: MessageDraft, serial: number, now: Date): Uint8Array {
  const { from = 'sender@example.org', to = 'recipient@example.org', cc, subject, date = now } = draft;
  const header: (readonly [string, string | undefined])[] = [
    ['From', from],
    ['To', to],
    ['Cc', cc],
    ['Subject', subject],
    ['Date', formatMessageDate(internalDateOf(date))],
    ['Message-ID', draft.messageId ?? `<${serial}@test.example.org>`],
    ...Object.entries(draft.headers ?? {}),
    ['MIME-Version', '1.0'],
  ];
  const lines = header.flatMap(([name, value]) => (value === undefined ? [] : [fieldLine(name, value)]));
  return utf8Bytes(`${lines.join('')}${bodyOf(draft, serial)}`);
}

function fieldLine(name: string, value: string): string {
  if (/[\r\n]/.test(`${name}${value}`)) throw new RangeError(`the header field ${name} holds a line end`);
  return `${name}: ${encodedWords(value)}\r\n`;
}

/** Encodes the words that are not ASCII, one after the other. */
function encodedWords(value: string): string {
  return value.replace(/[^ \t<>"(),]*\P{ASCII}[^<>"(),]*/gu, (words) => {
    const trimmed = words.trimEnd();
    return chunked(utf8Bytes(trimmed), trimmed).join('\r\n ') + words.slice(trimmed.length);
  });
}

/** Encoded words, none of which ends inside a character. */
function chunked(octets: Uint8Array, text: string): readonly string[] {
  if (octets.length <= MAX_WORD_OCTETS) return [`=?utf-8?B?${base64(octets)}?=`];
  const words: string[] = [];
  let part = '';
  for (const character of text) {
    if (utf8Bytes(part + character).length > MAX_WORD_OCTETS) {
      words.push(part);
      part = '';
    }
    part += character;
  }
  return [...words, part].map((word) => `=?utf-8?B?${base64(utf8Bytes(word))}?=`);
}

function bodyOf({ text = '', html, attachments = [] }: MessageDraft, serial: number): string {
  const readable =
    html === undefined
      ? textPart('plain', text)
      : multipart('alternative', `a-${serial}`, [textPart('plain', text), textPart('html', html)]);
  if (attachments.length === 0) return readable;
  return multipart('mixed', `m-${serial}`, [readable, ...attachments.map(attachmentPart)]);
}

function multipart(subtype: string, boundary: string, parts: readonly string[]): string {
  const body = parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('');
  return `Content-Type: multipart/${subtype}; boundary="${boundary}"\r\n\r\n${body}--${boundary}--\r\n`;
}

function textPart(subtype: string, text: string): string {
  const lines = text.replace(/\r?\n/g, '\r\n');
  const isPlain = /^[\t\r\n\x20-\x7e]*$/.test(lines) && lines.split('\r\n').every((line) => line.length <= 998);
  const [encoding, body] = isPlain ? ['7bit', lines] : ['base64', base64Lines(utf8Bytes(lines))];
  return `Content-Type: text/${subtype}; charset=utf-8\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${body}`;
}

function attachmentPart({ filename, mediaType = 'application/octet-stream', content }: AttachmentDraft): string {
  const octets = typeof content === 'string' ? utf8Bytes(content) : content;
  const name = `filename*=utf-8''${encodeURIComponent(filename).replace(/['()*]/g, percentEncoded)}`;
  const header = [
    `Content-Type: ${mediaType}`,
    `Content-Disposition: attachment; ${name}`,
    'Content-Transfer-Encoding: base64',
  ];
  return `${header.join('\r\n')}\r\n\r\n${base64Lines(octets)}`;
}

function percentEncoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

function base64(octets: Uint8Array): string {
  return Buffer.from(octets).toString('base64');
}

function base64Lines(octets: Uint8Array): string {
  const lines: string[] = [];
  for (let start = 0; start < octets.length; start += LINE_OCTETS)
    lines.push(`${base64(octets.subarray(start, start + LINE_OCTETS))}\r\n`);
  return lines.join('');
}
