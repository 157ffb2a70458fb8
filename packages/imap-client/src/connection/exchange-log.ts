import { decodeText, printable, printableBytes } from '@posthorn/core';
import { encodeResponse, type FetchItems, type Response } from '@posthorn/wire';
import type { ClientEvent } from './client-events.ts';

type Entry =
  | { readonly type: 'client'; readonly tag: string; readonly describe: () => string }
  | { readonly type: 'event'; readonly event: ClientEvent; readonly isSecret: boolean }
  /** So many answers like the one before. */
  | { readonly type: 'more'; count: number };

const MOST_ENTRIES = 40;
/** After so many answers of one kind the others are only counted. */
const MOST_ALIKE = 3;
const MOST_LINE = 500;
/** Answers that hold what people wrote. */
const PRIVATE = /^(METADATA|ANNOTATION|URLFETCH|GENURLAUTH|CONVERTED)$/;

/**
 * The last exchanges of a connection, for the errors that end it badly: as a transcript that can be played again, but
 * without secrets and without what messages say. Writing it costs next to nothing; reading it does the work.
 */
export class ExchangeLog {
  #entries: Entry[] = [];
  #alike = 0;
  #last: string | undefined;

  command(tag: string, describe: () => string): void {
    this.#last = undefined;
    this.#push({ type: 'client', tag, describe });
  }

  /** @param isSecret - Whether the server may repeat a secret in it. */
  event(event: ClientEvent, isSecret: boolean): void {
    const { type } = event;
    if (type === 'literalStart' || type === 'literalData' || type === 'literalEnd' || type === 'uidLiteralStart')
      return;
    this.#alike = type === this.#last ? this.#alike + 1 : 1;
    this.#last = type;
    const last = this.#entries.at(-1);
    if (this.#alike <= MOST_ALIKE) this.#push({ type: 'event', event: kept(event), isSecret });
    else if (last?.type === 'more') last.count++;
    else this.#push({ type: 'more', count: 1 });
  }

  /** The exchanges as `C:` and `S:` lines, oldest first. */
  toString(): string {
    return this.#entries.map(lineOf).join('\n');
  }

  #push(entry: Entry): void {
    this.#entries.push(entry);
    if (this.#entries.length >= 2 * MOST_ENTRIES) this.#entries = this.#entries.slice(MOST_ENTRIES);
  }
}

function lineOf(entry: Entry): string {
  switch (entry.type) {
    case 'client':
      return lines('C', entry.describe(), entry.tag);
    case 'more':
      return `# ${entry.count} more`;
    default: {
      const { event } = entry;
      return lines('S', textOf(event, entry.isSecret), event.type === 'completed' ? event.command.tag : undefined);
    }
  }
}

/** What a transcript has in braces is a name, and tags are names: another run has others. */
function lines(side: 'C' | 'S', text: string, tag: string | undefined): string {
  const isTagged = tag !== undefined && text.startsWith(`${tag} `);
  const rest = (isTagged ? text.slice(tag.length) : text).replace(/\{(?=[a-z])/g, '{x7b}');
  const shown = rest.split('\r\n').map((line) => printable(line, MOST_LINE));
  return `${side}: ${isTagged ? `{${tag.toLowerCase()}}` : ''}${shown.join(`\n${side}: `)}`;
}

function textOf(event: ClientEvent, isSecret: boolean): string {
  switch (event.type) {
    case 'challenge':
      return '+ ***';
    case 'idling':
      return '+ idling';
    case 'invalid':
      return isSecret ? '***' : printableBytes(event.raw, 60);
    case 'greeting':
    case 'completed':
      return event.response.type === 'invalid'
        ? printableBytes(event.response.raw, 60)
        : encoded(isSecret ? { ...event.response, code: undefined, text: '***' } : event.response);
    case 'status':
      return encoded(isSecret ? { ...event, code: undefined, text: '***' } : event);
    case 'unknown':
      return PRIVATE.test(event.name) ? `* ${event.name} ***` : encoded(event);
    case 'literalStart':
    case 'uidLiteralStart':
    case 'literalData':
    case 'literalEnd':
      return '';
    default:
      return encoded(event);
  }
}

/** What is enough of an answer, so that no octets of messages stay in memory because of it. */
function kept(event: ClientEvent): ClientEvent {
  switch (event.type) {
    case 'fetch':
    case 'uidFetch':
      return { ...event, items: withoutContent(event.items) };
    case 'unknown':
    case 'invalid':
      return { ...event, raw: event.raw.slice(0, MOST_LINE) };
    default:
      return event;
  }
}

/** What is known of a message but what it says. */
function withoutContent(items: FetchItems): FetchItems {
  const kept: { -readonly [Name in keyof FetchItems]: FetchItems[Name] } = {};
  if (items.uid !== undefined) kept.uid = items.uid;
  if (items.flags !== undefined) kept.flags = items.flags;
  if (items.internalDate !== undefined) kept.internalDate = items.internalDate;
  if (items.size !== undefined) kept.size = items.size;
  if (items.modSeq !== undefined) kept.modSeq = items.modSeq;
  if (items.emailId !== undefined) kept.emailId = items.emailId;
  if (items.threadId !== undefined) kept.threadId = items.threadId;
  if (items.saveDate !== undefined) kept.saveDate = items.saveDate;
  return kept;
}

function encoded(response: Response): string {
  try {
    const pieces = encodeResponse(response);
    return pieces
      .map((piece) => (piece.type === 'bytes' ? decodeText(piece.bytes) : ''))
      .join('')
      .trimEnd();
  } catch {
    // A server may say what no server could be made to say.
    return `* ${response.type}`;
  }
}
