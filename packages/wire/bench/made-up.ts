import { utf8Bytes } from '@posthorn/core';

const WORDS = ['minutes', 'budget', 'harbour', 'review', 'delivery', 'invoice', 'garden', 'timetable'];
const HOSTS = ['example.com', 'example.org', 'post.example', 'mail.example.net'];

/** Answers to UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE of 10,000 messages, different in what differs. */
export function madeUpMetadata(): Uint8Array {
  const lines: string[] = [];
  for (let index = 1; index <= 10_000; index++) {
    const word = (step: number): string => WORDS[(index * 7 + step * 3 + (index >> 3)) % WORDS.length]!;
    const host = HOSTS[index % HOSTS.length]!;
    const address = `(("${word(1)} ${word(2)} ${index % 300}" NIL "${word(3)}.${index % 300}" "${host}"))`;
    const text = `("text" "plain" ("charset" "utf-8") NIL NIL "quoted-printable" ${index * 3} ${index} NIL NIL NIL NIL)`;
    const html = `("text" "html" ("charset" "utf-8") NIL NIL "base64" ${index * 5} ${index} NIL NIL NIL NIL)`;
    const structure =
      index % 2 === 0 ? text : `(${text}${html} "alternative" ("boundary" "=_${index}ab${index * 31}") NIL NIL NIL)`;
    lines.push(
      `* ${index} FETCH (UID ${index + 100} FLAGS (\\Seen $${word(4)}) INTERNALDATE "21-Nov-2026 08:45:03 +0000" RFC822.SIZE ${index * 11} ` +
        `ENVELOPE ("Tue, 2 Jan 2024 10:22:19 +0200" "Re: ${word(5)} ${word(6)} ${index}" ${address} ${address} ${address} ${address} NIL NIL ` +
        `"<${index}.${index * 17}@${host}>" "<${index + 1}.${index * 19}@${host}>") BODYSTRUCTURE ${structure})\r\n`,
    );
  }
  return utf8Bytes(lines.join(''));
}

/** Answers to UID BODY.PEEK[] of 1,000 messages of 64,000 octets. */
export function madeUpBodies(): Uint8Array {
  const body = `${'x'.repeat(78)}\r\n`.repeat(800);
  const lines: string[] = [];
  for (let index = 1; index <= 1000; index++)
    lines.push(`* ${index} FETCH (UID ${index} BODY[] {${body.length}}\r\n${body})\r\n`);
  return utf8Bytes(lines.join(''));
}
