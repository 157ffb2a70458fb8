import type { BodyStructure } from '@posthorn/core';
import type { CharsetOptions } from './charset.ts';
import { decodeParameters } from './parameter-values.ts';

/** A part with its number, such as `[2, 1]` for `BODY[2.1]`. */
export interface NumberedPart<Body extends BodyStructure = BodyStructure> {
  readonly part: readonly number[];
  readonly body: Body;
}

/** Something in a message that is not the text to be read. */
export interface Attachment extends NumberedPart<Exclude<BodyStructure, { readonly type: 'multipart' }>> {
  /** Decoded, without folders, control characters and marks that turn its direction; null when there is none left. */
  readonly fileName: string | null;
  /** Such as `image/png`, in lower case. */
  readonly mediaType: string;
  /** Whether it is meant to be shown within the text: it says so, or has a Content-ID within a multipart/related. */
  readonly isInline: boolean;
  /** Content-ID without its angles, which `cid:` links in HTML name, or null. */
  readonly contentId: string | null;
}

/**
 * Lists what is attached to a message, in order: parts that say so, parts with a file name, and all that are not text.
 * Messages within are attachments as a whole; their own are not listed.
 *
 * @param structure - From a scan, or from a server's BODYSTRUCTURE.
 * @see RFC 2183
 */
export function listAttachments(structure: BodyStructure, options: CharsetOptions = {}): readonly Attachment[] {
  const found: Attachment[] = [];
  visitLeaves(structure, (leaf) => {
    const { part, body, isRelated } = leaf;
    if (body.type === 'multipart') return;
    const fileName = fileNameOf(body, options);
    const disposition = body.disposition?.type.toLowerCase();
    if (body.type === 'text' && fileName === null && disposition !== 'attachment') return;
    const contentId = body.id?.trim().replace(/^<|>$/g, '') || null;
    found.push({
      part,
      body,
      fileName,
      mediaType: `${body.mediaType}/${body.mediaSubtype}`.toLowerCase(),
      isInline: disposition === 'inline' || (isRelated && contentId !== null && disposition !== 'attachment'),
      contentId,
    });
  });
  return found;
}

interface Leaf extends NumberedPart {
  /** Whether it stands directly within a multipart/related. */
  readonly isRelated: boolean;
}

function visitLeaves(structure: BodyStructure, visit: (leaf: Leaf) => void): void {
  const left: Leaf[] = [{ part: structure.type === 'multipart' ? [] : [1], body: structure, isRelated: false }];
  for (let leaf = left.pop(); leaf !== undefined; leaf = left.pop()) {
    const { body, part } = leaf;
    if (body.type !== 'multipart') {
      visit(leaf);
      continue;
    }
    const isRelated = body.mediaSubtype.toLowerCase() === 'related';
    for (let index = body.parts.length; index > 0; index--) {
      left.push({ part: [...part, index], body: body.parts[index - 1]!, isRelated });
    }
  }
}

/**
 * The name of the file a part holds: the `filename` of its disposition, or else the `name` of its type. Only what
 * stands behind the last slash or backslash is kept, and no control characters, so that a hostile name cannot leave a
 * folder or hide its ending.
 * @returns Null when there is none.
 */
export function fileNameOf(body: BodyStructure, options: CharsetOptions = {}): string | null {
  const disposition = decodeParameters(body.disposition?.parameters ?? [], options).get('filename');
  const type = decodeParameters(body.parameters ?? [], options).get('name');
  return harmless(disposition?.text ?? '') || harmless(type?.text ?? '') || null;
}

/** Without folders, control characters and marks of direction, and not `.` or `..`. */
function harmless(name: string): string {
  const shown = name.replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '');
  const base = shown.slice(Math.max(shown.lastIndexOf('/'), shown.lastIndexOf('\\')) + 1).trim();
  return base === '.' || base === '..' ? '' : base;
}
