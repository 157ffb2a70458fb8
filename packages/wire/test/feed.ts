import {
  CommandDecoder,
  type CommandDecoderOptions,
  type CommandEvent,
  type DecoderOptions,
  ResponseDecoder,
  type ResponseEvent,
} from '../src/index.ts';

/** Octets of a test's text: one character, one octet. */
export function octets(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Text of octets: one octet, one character. */
export function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (octet) => String.fromCharCode(octet)).join('');
}

/** Cuts octets into chunks that end at the given offsets. */
export function cutAt(bytes: Uint8Array, offsets: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let start = 0;
  for (const offset of [...offsets, bytes.length]) {
    chunks.push(bytes.slice(start, offset));
    start = offset;
  }
  return chunks;
}

/** All events of a server's octets, however they are cut. Neighbouring literal data is joined. */
export function responses(chunks: readonly Uint8Array[] | string, options: DecoderOptions = {}): ResponseEvent[] {
  const decoder = new ResponseDecoder(options);
  const events: ResponseEvent[] = [];
  for (const chunk of typeof chunks === 'string' ? [octets(chunks)] : chunks) {
    decoder.push(chunk);
    for (let event = decoder.next(); event !== undefined; event = decoder.next()) events.push(event);
  }
  return joinData(events);
}

/** The only event of a server's octets. */
export function response(text: string, options: DecoderOptions = {}): ResponseEvent {
  const events = responses(text, options);
  if (events.length !== 1) throw new Error(`expected one event, not ${events.length}`);
  return events[0]!;
}

/** All events of a client's octets; literals are accepted. */
export function commands(chunks: readonly Uint8Array[] | string, options: CommandDecoderOptions = {}): CommandEvent[] {
  const decoder = new CommandDecoder(options);
  const events: CommandEvent[] = [];
  for (const chunk of typeof chunks === 'string' ? [octets(chunks)] : chunks) {
    decoder.push(chunk);
    for (let event = decoder.next(); event !== undefined; event = decoder.next()) {
      events.push(event);
      if (event.type === 'literal' || event.type === 'appendLiteral') decoder.acceptLiteral();
    }
  }
  return joinData(events);
}

/** The only event of a client's octets. */
export function command(text: string, options: CommandDecoderOptions = {}): CommandEvent {
  const events = commands(text, options);
  if (events.length !== 1) throw new Error(`expected one event, not ${events.length}`);
  return events[0]!;
}

function joinData<Event extends { readonly type: string }>(events: readonly Event[]): Event[] {
  const joined: Event[] = [];
  for (const event of events) {
    const last = joined.at(-1);
    if (isData(event) && last !== undefined && isData(last)) {
      joined[joined.length - 1] = { ...last, bytes: Uint8Array.from([...last.bytes, ...event.bytes]) };
    } else joined.push(isData(event) ? { ...event, bytes: event.bytes.slice() } : event);
  }
  return joined;
}

function isData(event: {
  readonly type: string;
}): event is { readonly type: 'literalData'; readonly bytes: Uint8Array } {
  return event.type === 'literalData';
}

/** Joins chunks. */
export function concat(chunks: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(chunks.flatMap((chunk) => [...chunk]));
}
