import type { BodyParameters, BodyStructure, ByteRange, Envelope, TextBody } from '@posthorn/core';
import type { ContentFields } from './content-fields.ts';

/** Places of one part of a message, in octets from the start of the message. */
export interface PartRange {
  /** What `parts` holds: the parts of a multipart, the one message of a message part, nothing. */
  readonly type: 'leaf' | 'multipart' | 'message';
  /** The header with the empty line that ends it, if there is one. */
  readonly header: ByteRange;
  /** The body, without the line end that belongs to the boundary behind it. */
  readonly body: ByteRange;
  readonly parts: readonly PartRange[];
}

/** A part while and after it is scanned. */
export interface ScannedPart extends PartRange {
  type: PartRange['type'];
  header: { start: number; end: number };
  body: { start: number; end: number };
  readonly parts: ScannedPart[];
  /** Line ends before the body starts, then those in the body. */
  lines: number;
  /** Undefined until the header ends. */
  content: ContentFields | undefined;
  /** Of the root and of messages within. */
  envelope: Envelope | undefined;
  /** A multipart or message that lies too deep or comes too late to look into, or a multipart without a subtype. */
  isOpaque: boolean;
}

export function openPart(start: number): ScannedPart {
  return {
    type: 'leaf',
    header: { start, end: start },
    body: { start, end: start },
    parts: [],
    lines: 0,
    content: undefined,
    envelope: undefined,
    isOpaque: false,
  };
}

/** The part's places alone. */
export function partRange({ type, header, body, parts }: ScannedPart): PartRange {
  return { type, header, body, parts: parts.map(partRange) };
}

const US_ASCII: BodyParameters = [['charset', 'us-ascii']];

/** A multipart must have a part; this one stands in where there is none. */
const NO_PART: TextBody = {
  type: 'text',
  mediaType: 'text',
  mediaSubtype: 'plain',
  parameters: US_ASCII,
  id: null,
  description: null,
  encoding: '7bit',
  size: 0,
  lines: 0,
  md5: null,
  disposition: null,
  language: null,
  location: null,
};

/** @see RFC 9051 section 7.5.2 */
export function bodyStructureOf(part: ScannedPart): BodyStructure {
  const { content, parts } = part;
  const extension = {
    disposition: content?.disposition ?? null,
    language: content?.language ?? null,
    location: content?.location ?? null,
  };
  const type = content?.type;
  const parameters = type?.parameters ?? [];
  if (part.type === 'multipart') {
    return {
      type: 'multipart',
      mediaSubtype: type!.mediaSubtype,
      parts: parts.length === 0 ? [NO_PART] : parts.map(bodyStructureOf),
      parameters,
      ...extension,
    };
  }
  const common = {
    parameters,
    id: content?.id ?? null,
    description: content?.description ?? null,
    encoding: content?.encoding ?? '7bit',
    size: part.body.end - part.body.start,
    md5: content?.md5 ?? null,
    ...extension,
  };
  if (part.type === 'message') {
    const [message] = parts;
    return {
      type: 'message',
      mediaType: 'message',
      mediaSubtype: type?.mediaSubtype.toLowerCase() === 'global' ? 'global' : 'rfc822',
      envelope: message!.envelope!,
      body: bodyStructureOf(message!),
      lines: part.lines,
      ...common,
    };
  }
  if (part.isOpaque) return { type: 'basic', mediaType: 'application', mediaSubtype: 'octet-stream', ...common };
  const names = { mediaType: type?.mediaType ?? 'text', mediaSubtype: type?.mediaSubtype ?? 'plain' };
  if (names.mediaType.toLowerCase() !== 'text') return { type: 'basic', ...names, ...common };
  return { type: 'text', ...names, ...common, parameters: withCharset(parameters), lines: part.lines };
}

/** @see RFC 2045 section 5.2 */
function withCharset(parameters: BodyParameters): BodyParameters {
  if (parameters.length === 0) return US_ASCII;
  const hasCharset = parameters.some(([name]) => name.toLowerCase() === 'charset');
  return hasCharset ? parameters : [...parameters, ...US_ASCII];
}
