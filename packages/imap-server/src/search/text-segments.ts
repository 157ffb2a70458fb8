import type { BodyParameters, BodyStructure, ByteRange } from '@posthorn/core';
import type { PartRange, ScannedMessage } from '@posthorn/mime';
import type { TextCoding } from './searchable-text.ts';

/** Octets of a message that are searched for themselves: a header of a part, or a text. */
export interface TextSegment {
  readonly range: ByteRange;
  /** Undefined for a header. */
  readonly coding: TextCoding | undefined;
}

/** The texts in a message behind its header, and the headers of its parts, in their order. What else it holds is not text. */
export function textSegments({ root, bodyStructure }: ScannedMessage): readonly TextSegment[] {
  const segments: TextSegment[] = [];
  addBody(segments, root, bodyStructure);
  return segments;
}

function addBody(segments: TextSegment[], place: PartRange, body: BodyStructure): void {
  switch (body.type) {
    case 'multipart':
      for (const [index, part] of place.parts.entries()) addPart(segments, part, body.parts[index]!);
      break;
    case 'message':
      for (const message of place.parts) addPart(segments, message, body.body);
      break;
    case 'text':
      segments.push({ range: place.body, coding: codingOf(body) });
      break;
    default:
  }
}

function addPart(segments: TextSegment[], part: PartRange, body: BodyStructure): void {
  segments.push({ range: part.header, coding: undefined });
  addBody(segments, part, body);
}

/** How the text of a part is written. */
export function codingOf(body: { readonly encoding: string; readonly parameters: BodyParameters }): TextCoding {
  const charset = body.parameters.find(([name]) => name.toLowerCase() === 'charset')?.[1];
  return { encoding: body.encoding, charset: charset ?? '' };
}
