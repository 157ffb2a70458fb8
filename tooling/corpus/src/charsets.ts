/**
 * Text in the charsets that mail is written in. Platforms decode these but do not encode them, so the small
 * part the vocabulary needs is here. A character a charset lacks becomes `?`.
 * @module
 */
export type Charset = 'us-ascii' | 'utf-8' | 'iso-8859-1' | 'windows-1252' | 'koi8-r' | 'iso-2022-jp';

const QUESTION = 0x3f;
const utf8 = new TextEncoder();

/** KOI8-R from 0xC0 on. @see RFC 1489 */
const KOI8 = 'юабцдефгхийклмнопярстужвьызшэщчъЮАБЦДЕФГХИЙКЛМНОПЯРСТУЖВЬЫЗШЭЩЧЪ';
const KOI8_OCTETS = new Map([...KOI8].map((letter, index) => [letter, 0xc0 + index]));

const WINDOWS_OCTETS = new Map([
  ['€', 0x80],
  ['„', 0x84],
  ['…', 0x85],
  ['‘', 0x91],
  ['’', 0x92],
  ['“', 0x93],
  ['”', 0x94],
  ['–', 0x96],
  ['—', 0x97],
]);

/** The kanji of the vocabulary in JIS X 0208, two octets each, followed by punctuation. */
const JIS = new Map(
  (
    "会2q 議5D 事;v 録O? 資;q 料NA 予M= 定Dj 見8+ 積@Q 書=q 請@A 求5a 確3N 認G' 願4j 明L@ 日F| 送Aw 付IU 様MM 東El 京5~ " +
    '報Js 告9p 。!# 、!" ー!<'
  )
    .split(' ')
    .map((entry) => [entry[0]!, entry.slice(1)]),
);

/** Octets of `text`. Lines end as in the text. */
export function encodeCharset(text: string, charset: Charset): Uint8Array {
  if (charset === 'utf-8') return utf8.encode(text);
  if (charset === 'iso-2022-jp') return encodeJapanese(text);
  const octets = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) octets[index] = singleOctet(text, index, charset);
  return octets;
}

function singleOctet(text: string, index: number, charset: Charset): number {
  const code = text.charCodeAt(index);
  if (code < 0x80) return code;
  if (charset === 'koi8-r') return KOI8_OCTETS.get(text[index]!) ?? QUESTION;
  if (charset === 'windows-1252') return WINDOWS_OCTETS.get(text[index]!) ?? (code < 0x100 ? code : QUESTION);
  return charset === 'iso-8859-1' && code < 0x100 ? code : QUESTION;
}

/** @see RFC 1468: every line starts and ends in ASCII */
function encodeJapanese(text: string): Uint8Array {
  let octets = '';
  let isDouble = false;
  for (const character of text) {
    const pair = doubleOctets(character);
    if ((pair !== undefined) !== isDouble) {
      isDouble = !isDouble;
      octets += isDouble ? '\x1b$B' : '\x1b(B';
    }
    octets += pair ?? (character < '\x80' ? character : '?');
  }
  return utf8.encode(isDouble ? `${octets}\x1b(B` : octets);
}

function doubleOctets(character: string): string | undefined {
  const code = character.charCodeAt(0);
  if (code >= 0x3041 && code <= 0x3093) return `$${String.fromCharCode(0x21 + code - 0x3041)}`;
  if (code >= 0x30a1 && code <= 0x30f6) return `%${String.fromCharCode(0x21 + code - 0x30a1)}`;
  return JIS.get(character);
}
