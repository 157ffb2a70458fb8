/**
 * Transcripts: conversations between a client and a server as text.
 *
 *     # a comment
 *     S: * OK ready
 *     C: {tag} LOGIN alice {6}
 *     S: + go ahead
 *     C: secret
 *     S: {tag} OK done
 *     ! end
 *
 * A `C:` or `S:` line stands for its text in UTF-8 and CRLF, whatever ends the line in the file; what stands in a
 * literal is written as lines of its own. In braces stand:
 * - `{name}`: at the start of a `C:` line it takes a new value, everywhere else it stands for the value it has, or
 *   takes one: octets other than space, `)`, `]`, `"` and the end of the line;
 * - `{any}`: any octets up to what follows it;
 * - `{x00}` to `{xff}`: that octet; `{noeol}`, last in a line: no CRLF follows.
 *
 * Literals such as `{6}`, `{6+}` and `~{6}` have digits and mean themselves. A line that starts with `!` is an
 * action: `close` ends the connection politely, `reset` drops it, `end` waits until the peer ends it and has sent
 * nothing more, `starttls`, `deflate` and `plain` (no DEFLATE any more) change the transport.
 * @module
 */
import { utf8Bytes } from '@posthorn/core';

export type Action = 'close' | 'reset' | 'end' | 'starttls' | 'deflate' | 'plain';

/** A part of a line: octets as they are, or a name in braces. */
export type Piece =
  | { readonly type: 'octets'; readonly octets: Uint8Array }
  | { readonly type: 'name'; readonly name: string }
  | { readonly type: 'any' };

export type TranscriptStep =
  | {
      readonly type: 'line';
      readonly from: 'client' | 'server';
      readonly pieces: readonly Piece[];
      readonly number: number;
      readonly text: string;
    }
  | { readonly type: 'action'; readonly action: Action; readonly number: number; readonly text: string };

export type Transcript = readonly TranscriptStep[];

const ACTIONS: ReadonlySet<string> = new Set<Action>(['close', 'reset', 'end', 'starttls', 'deflate', 'plain']);
const CRLF = utf8Bytes('\r\n');

/** @throws TypeError with the number of a line that makes no sense. */
export function parseTranscript(text: string): Transcript {
  const steps: TranscriptStep[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const number = index + 1;
    const trimmed = line.trimStart();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const [, mark, rest = ''] = /^(C:|S:|!) ?(.*)$/s.exec(trimmed) ?? [];
    if (mark === 'C:' || mark === 'S:') {
      const from = mark === 'C:' ? 'client' : 'server';
      steps.push({ type: 'line', from, pieces: parsePieces(rest), number, text: trimmed });
    } else if (mark === '!' && ACTIONS.has(rest.trim())) {
      steps.push({ type: 'action', action: rest.trim() as Action, number, text: trimmed });
    } else {
      throw new TypeError(`line ${number} of the transcript is neither C:, S:, an action nor a comment`);
    }
  }
  return steps;
}

function parsePieces(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let octets: number[] = [];
  const flush = (): void => {
    if (octets.length > 0) pieces.push({ type: 'octets', octets: Uint8Array.from(octets) });
    octets = [];
  };
  let endsLine = true;
  // Split keeps the captured names at odd places.
  for (const [index, part] of text.split(/\{([a-z][a-z0-9]*)\}/).entries()) {
    if (index % 2 === 0) for (const octet of utf8Bytes(part)) octets.push(octet);
    else if (/^x[0-9a-f]{2}$/.test(part)) octets.push(Number.parseInt(part.slice(1), 16));
    else if (part === 'noeol') endsLine = false;
    else {
      flush();
      pieces.push(part === 'any' ? { type: 'any' } : { type: 'name', name: part });
    }
  }
  if (endsLine) octets.push(...CRLF);
  flush();
  return pieces;
}
