/**
 * The body of a message: text, alternatives, attachments, messages within messages.
 * @module
 */
import { type Charset, encodeCharset } from './charsets.ts';
import { base64Lines, parameter, quotedPrintable } from './encodings.ts';
import type { Random } from './random.ts';
import type { Language } from './vocabulary.ts';

/** A part: header lines without their line ends, and the encoded body. */
export interface Entity {
  readonly header: readonly string[];
  readonly body: Uint8Array;
}

/** How long bodies and attachments get, in octets. */
export interface Lengths {
  readonly text: readonly (readonly [weight: number, range: readonly [low: number, high: number]])[];
  readonly attachment: readonly [low: number, high: number];
}

export const LENGTHS: Readonly<Record<'small' | 'realistic', Lengths>> = {
  small: {
    text: [
      [90, [60, 1_500]],
      [10, [1_500, 6_000]],
    ],
    attachment: [200, 6_000],
  },
  realistic: {
    text: [
      [50, [200, 2_000]],
      [40, [2_000, 8_000]],
      [10, [8_000, 40_000]],
    ],
    attachment: [4_000, 250_000],
  },
};

/** One text part in the language's words; 8-bit, quoted-printable or base64. */
export function textEntity(random: Random, language: Language, length: number, subtype: 'plain' | 'html'): Entity {
  const charset: Charset = random.pick(language.charsets);
  const bytes = encodeCharset(
    subtype === 'html' ? html(random, language, length) : prose(random, language, length),
    charset,
  );
  const isSevenBit = charset === 'us-ascii' || charset === 'iso-2022-jp';
  const encoding = isSevenBit ? '7bit' : random.pick(['8bit', 'quoted-printable', 'quoted-printable', 'base64']);
  const format = subtype === 'plain' && random.chance(20) ? '; format=flowed' : '';
  const header = [`Content-Type: text/${subtype}; charset=${random.chance(50) ? `"${charset}"` : charset}${format}`];
  if (encoding !== '7bit' || random.chance(50)) header.push(`Content-Transfer-Encoding: ${encoding}`);
  return { header, body: transfer(bytes, encoding) };
}

/** A file with a name, in one of the ways mailers attach it. */
export function attachmentEntity(random: Random, language: Language, lengths: Lengths): Entity {
  const length = random.length(...lengths.attachment);
  const fileName = random.pick(language.fileNames);
  const kind = random.pick(['application/pdf', 'image/jpeg', 'application/octet-stream', 'text/csv', 'text/x-patch']);
  const isText = kind.startsWith('text/');
  const bytes = isText ? encodeCharset(prose(random, language, length), 'utf-8') : random.bytes(length);
  const header = [
    `Content-Type: ${kind};\r\n ${parameter('name', fileName)}`,
    `Content-Disposition: ${random.chance(80) ? 'attachment' : 'inline'};\r\n ${parameter('filename', fileName)}` +
      (random.chance(30) ? `; size=${bytes.length}` : ''),
    `Content-Transfer-Encoding: ${isText ? 'quoted-printable' : 'base64'}`,
  ];
  if (random.chance(25)) header.push(`Content-ID: <${random.token(12)}@example.org>`);
  if (random.chance(10)) header.push(`Content-Description: ${fileName.replace(/[^ -~]/g, '')} as promised`);
  return { header, body: transfer(bytes, isText ? 'quoted-printable' : 'base64') };
}

/** A message within a message. */
export function messageEntity(message: Uint8Array): Entity {
  return { header: ['Content-Type: message/rfc822', 'Content-Disposition: attachment'], body: message };
}

export function multipart(random: Random, subtype: string, parts: readonly Entity[], parameters = ''): Entity {
  const boundary = random.pick(['----=_Part_', '=_', '', 'Apple-Mail=_', '000000000000']) + random.token(16);
  const chunks: Uint8Array[] = [];
  if (random.chance(30)) chunks.push(ascii('This is a multi-part message in MIME format.\r\n'));
  for (const { header, body } of parts) {
    chunks.push(
      encodeCharset(`--${boundary}\r\n${header.map((line) => `${line}\r\n`).join('')}\r\n`, 'utf-8'),
      body,
      ascii('\r\n'),
    );
  }
  chunks.push(ascii(`--${boundary}--\r\n`));
  return {
    header: [`Content-Type: multipart/${subtype}${parameters};\r\n\tboundary="${boundary}"`],
    body: join(chunks),
  };
}

/** A detached signature over the part. @see RFC 1847 */
export function signed(random: Random, part: Entity): Entity {
  const signature: Entity = {
    header: [
      'Content-Type: application/pgp-signature; name="signature.asc"',
      'Content-Description: OpenPGP digital signature',
    ],
    body: ascii(
      `-----BEGIN PGP SIGNATURE-----\r\n\r\n${base64Lines(random.bytes(180))}-----END PGP SIGNATURE-----\r\n`,
    ),
  };
  return multipart(
    random,
    'signed',
    [part, signature],
    '; micalg=pgp-sha256;\r\n protocol="application/pgp-signature"',
  );
}

export function join(chunks: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    joined.set(chunk, offset);
    offset += chunk.length;
  }
  return joined;
}

function transfer(bytes: Uint8Array, encoding: string): Uint8Array {
  if (encoding === 'base64') return ascii(base64Lines(bytes));
  return encoding === 'quoted-printable' ? ascii(quotedPrintable(bytes)) : bytes;
}

function ascii(text: string): Uint8Array {
  return encodeCharset(text, 'us-ascii');
}

/** Lines of words up to about `length` octets in UTF-8, with paragraphs, quotes and a signature. */
function prose(random: Random, { words, separator }: Language, length: number): string {
  const lines: string[] = [];
  const octetsPerUnit = words[0]!.charCodeAt(0) >= 0x3000 ? 3 : words[0]!.charCodeAt(0) >= 0x400 ? 2 : 1;
  for (let written = 0; written < length; ) {
    const quote = random.chance(8) ? '> ' : '';
    let line = quote + random.pick(words);
    const width = random.between(20, 72) / (octetsPerUnit === 3 ? 2 : 1);
    while (line.length < width) line += separator + random.pick(words);
    lines.push(random.chance(10) ? `${line}.\r\n` : line);
    written += line.length * octetsPerUnit + 2;
  }
  if (random.chance(30)) lines.push('-- ', random.pick(words));
  return `${lines.join('\r\n')}\r\n`;
}

function html(random: Random, language: Language, length: number): string {
  const paragraphs: string[] = [];
  for (let written = 0; written < length; written += 300) {
    paragraphs.push(`<p style="margin:0 0 1em">${prose(random, language, 220).trimEnd()}<br></p>`);
  }
  return `<!DOCTYPE html>\r\n<html><body>\r\n${paragraphs.join('\r\n')}\r\n</body></html>\r\n`;
}
