import { type BodyStructure, collectBytes, type TextBody } from '@posthorn/core';
import { decodeCharset, decodeTransfer } from '@posthorn/mime';
import type { MessageSource } from './message-source.ts';

/** Characters of a preview. @see RFC 8970 section 3.2 */
const MAX_LENGTH = 200;
/** Octets of a part that are looked at. */
const LOOKED_AT_BYTES = 8 * 1024;

/**
 * The first words of a message: of its first plain text, or else of its first HTML. Empty for a message without text.
 * @throws {@link StoreError} `STORE_EXPUNGED`
 * @see RFC 8970 section 3
 */
export async function previewOf(source: MessageSource): Promise<string> {
  const found = firstText(await source.bodyStructure());
  const range = found === undefined ? undefined : await source.rangeOf({ part: found.part });
  if (found === undefined || range === undefined) return '';
  const handle = await source.open({ start: range.start, end: Math.min(range.end, range.start + LOOKED_AT_BYTES) });
  try {
    const { bytes } = decodeTransfer(await collectBytes(handle.stream()), found.body.encoding);
    const charset = found.body.parameters.find(([name]) => name.toLowerCase() === 'charset')?.[1] ?? 'us-ascii';
    const text = decodeCharset(bytes, charset);
    return shortened(found.body.mediaSubtype.toLowerCase() === 'html' ? textOfHtml(text) : text);
  } finally {
    await handle.release();
  }
}

interface FoundText {
  readonly part: readonly number[];
  readonly body: TextBody;
}

function firstText(structure: BodyStructure): FoundText | undefined {
  const texts = [...textsOf(structure, [])];
  const isPlain = ({ body }: FoundText): boolean => body.mediaSubtype.toLowerCase() === 'plain';
  const isHtml = ({ body }: FoundText): boolean => body.mediaSubtype.toLowerCase() === 'html';
  return texts.find(isPlain) ?? texts.find(isHtml) ?? texts[0];
}

function* textsOf(body: BodyStructure, part: readonly number[]): Iterable<FoundText> {
  if (body.type === 'multipart') {
    for (const [index, each] of body.parts.entries()) yield* textsOf(each, [...part, index + 1]);
  } else if (body.type === 'text' && body.disposition?.type.toLowerCase() !== 'attachment') {
    yield { part: part.length === 0 ? [1] : part, body };
  }
}

const NAMED: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['nbsp', ' '],
]);

/** What HTML shows, roughly: without tags, comments, scripts and styles. In linear time, whatever is not closed. */
function textOfHtml(html: string): string {
  let text = '';
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf('<', at);
    text += html.slice(at, open < 0 ? html.length : open);
    if (open < 0) break;
    const hidden = /^<(script|style|title|head)\b/i.exec(html.slice(open, open + 8))?.[1];
    const isComment = html.startsWith('<!--', open);
    const close = html.indexOf(isComment ? '-->' : '>', open);
    if (close < 0) break;
    const end = isComment ? close + 2 : close;
    at = hidden === undefined ? end + 1 : behindElement(html, end, hidden.toLowerCase());
    text += ' ';
  }
  return text.replace(/&(#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,6});/gi, (whole, name: string) => entity(name) ?? whole);
}

function behindElement(html: string, from: number, name: string): number {
  const close = html.toLowerCase().indexOf(`</${name}`, from);
  const end = close < 0 ? -1 : html.indexOf('>', close);
  return end < 0 ? html.length : end + 1;
}

function entity(name: string): string | undefined {
  if (!name.startsWith('#')) return NAMED.get(name.toLowerCase());
  const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  return code > 0 && code <= 0x10_ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : undefined;
}

/** On one line, without controls, cut between characters. */
function shortened(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters replaced
  const line = text.replace(/[\s\u0000-\u001f\u007f]+/g, ' ').trim();
  return [...line.slice(0, MAX_LENGTH * 2)].slice(0, MAX_LENGTH).join('').trim();
}
