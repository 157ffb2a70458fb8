import {
  CommandDecoder,
  type CommandDecoderOptions,
  type CommandEvent,
  type DecoderOptions,
  ResponseDecoder,
  type ResponseEvent,
} from '../../src/index.ts';
import { concat } from '../feed.ts';
import type { Example } from './examples.ts';

/** An event and the octets it was made of: those that came after the event before it. */
export interface Read<Event> {
  readonly event: Event;
  readonly octets: Uint8Array;
}

/** A command with the messages that came beside it. */
export interface CommandRead extends Read<CommandEvent> {
  readonly messages: readonly Uint8Array[];
}

type Cut = (octets: Uint8Array) => readonly Uint8Array[];
/** One example announces 100 KiB, which the server refuses by itself. */
const LIMITS = { maxLiteralBytes: 2 ** 17 };
const whole: Cut = (octets) => [octets];

/**
 * What a server reads of the client's lines. It accepts a literal when the example goes on so, and expects a line
 * after a continuation request that answers no literal.
 */
export function commandsOf(example: Example, options: CommandDecoderOptions = {}, cut: Cut = whole): CommandRead[] {
  const decoder = new CommandDecoder({ ...LIMITS, ...options });
  const reads: CommandRead[] = [];
  let octets: Uint8Array[] = [];
  let messages: Uint8Array[] = [];
  let message: Uint8Array[] = [];
  let isAwaited = false;
  const take = (event: CommandEvent, isAccepted: boolean): void => {
    if (event.type === 'appendLiteral' || event.type === 'literal') {
      if (isAccepted || !event.isSynchronizing) decoder.acceptLiteral();
      else decoder.refuseLiteral();
    } else if (event.type === 'literalData') message.push(event.bytes);
    else if (event.type === 'literalEnd') {
      messages.push(concat(message));
      message = [];
    } else {
      reads.push({ event, octets: concat(octets), messages });
      octets = [];
      messages = [];
    }
  };
  for (const [index, line] of example.lines.entries()) {
    if (line.from === 'server') {
      // A plus in front, where no literal waits for it, asks for a line.
      if (line.octets[0] === 0x2b && octets.length === 0) isAwaited = true;
      continue;
    }
    if (isAwaited) decoder.expectLine();
    isAwaited = false;
    const next = example.lines[index + 1];
    const isAccepted = next?.from === 'client' || next?.octets[0] === 0x2b;
    for (const chunk of cut(line.octets)) {
      octets.push(chunk);
      decoder.push(chunk);
      for (let event = decoder.next(); event !== undefined; event = decoder.next()) take(event, isAccepted);
    }
  }
  return reads;
}

/** What a client reads of the server's octets. */
export function responsesOf(chunks: readonly Uint8Array[], options: DecoderOptions = {}): Read<ResponseEvent>[] {
  const decoder = new ResponseDecoder(options);
  const reads: Read<ResponseEvent>[] = [];
  let octets: Uint8Array[] = [];
  for (const chunk of chunks) {
    octets.push(chunk);
    decoder.push(chunk);
    for (let event = decoder.next(); event !== undefined; event = decoder.next()) {
      reads.push({ event, octets: concat(octets) });
      octets = [];
    }
  }
  decoder.end();
  return reads;
}
