import { isDeepStrictEqual } from 'node:util';
import { concatBytes, equalBytes } from '@posthorn/core';
import { randomSplits } from '@posthorn/testkit';
import {
  DotStuffer,
  DotUnstuffer,
  encodePop3Command,
  encodePop3Status,
  hasPop3Body,
  type Pop3Command,
  Pop3CommandDecoder,
  type Pop3CommandEvent,
  Pop3ResponseDecoder,
  type Pop3ResponseEvent,
  parsePop3Capabilities,
  parsePop3Size,
  parsePop3Stat,
  parsePop3UniqueId,
  pop3Timestamp,
} from '@posthorn/wire/pop3';
import { keptInputs } from '../corpus.ts';
import { type Feed, outcomeHoweverCut, outcomeOf } from '../decode.ts';
import { octetsOf } from '../octets.ts';
import { octetsTarget } from '../octets-target.ts';
import { POP3_COMMANDS, POP3_RESPONSES } from '../pop3-grammars.ts';
import { seedOfBytes } from '../random.ts';
import { expectSame, OracleError, refusedOr, type Target } from '../target.ts';

/** What a POP3 server does with octets of a client. */
export const pop3Commands: Target = octetsTarget({
  name: 'pop3Commands',
  seeds: keptInputs('pop3-commands'),
  grammar: { grammar: POP3_COMMANDS, start: 'stream' },
  check: (input) => {
    const maxLineBytes = seedOfBytes(input) % 3 === 0 ? 40 : undefined;
    const { events } = outcomeHoweverCut(() => serverFeed(maxLineBytes), input);
    for (const event of events) if (event.type === 'command') checkCommand(event.command);
  },
});

/** What a POP3 client does with octets of a server, and bodies on their way there and back. */
export const pop3Responses: Target = octetsTarget({
  name: 'pop3Responses',
  seeds: keptInputs('pop3-responses'),
  grammar: { grammar: POP3_RESPONSES, start: 'stream' },
  check: (input) => {
    const { events } = outcomeHoweverCut(() => clientFeed(), input);
    for (const event of events) if (event.type === 'status') checkStatus(event);
    checkDots(input);
  },
});

function serverFeed(maxLineBytes: number | undefined): Feed<Pop3CommandEvent> {
  const decoder = new Pop3CommandDecoder({ maxLineBytes });
  return {
    push: (chunk) => decoder.push(chunk),
    next: () => {
      const event = decoder.next();
      if (event?.type === 'command' && event.command.name === 'AUTH' && event.command.initialResponse === undefined)
        decoder.expectLine();
      return event;
    },
  };
}

/** A client that asked for many things, every second with a body. */
function clientFeed(): Feed<Pop3ResponseEvent> {
  const decoder = new Pop3ResponseDecoder();
  for (let count = 0; count < 40; count++) decoder.expect(count % 2 === 0);
  return decoder;
}

/** What was decoded can be encoded, and is then decoded to the same value, or cannot be sent. */
function checkCommand(command: Pop3Command): void {
  hasPop3Body(command);
  const pieces = refusedOr(() => encodePop3Command(command));
  if (pieces === undefined) return;
  const octets = concatBytes([...pieces.flatMap((piece) => (piece.type === 'bytes' ? [piece.bytes] : []))]);
  const { events } = outcomeOf(new Pop3CommandDecoder(), [octets]);
  // A long initial response waits for the server to ask.
  if (command.name === 'AUTH' && octets.length < 40 && command.initialResponse !== undefined && events.length === 1)
    return;
  expectSame(isDeepStrictEqual(events, [{ type: 'command', command }]), 'encoding changed a command', events, command);
}

function checkStatus(status: Extract<Pop3ResponseEvent, { readonly type: 'status' }>): void {
  parsePop3Stat(status.text);
  parsePop3Size(status.text);
  parsePop3UniqueId(status.text);
  parsePop3Capabilities([status.text]);
  pop3Timestamp(status.text);
  const octets = refusedOr(() => encodePop3Status(status));
  if (octets === undefined) return;
  const { events } = outcomeOf(new Pop3ResponseDecoder(), [octets]);
  const [again] = events;
  const isSame = again?.type === 'status' && again.isOk === status.isOk && events.length === 1;
  expectSame(isSame, 'encoding made something else of a status', again, status);
}

/** Stuffing undoes unstuffing, in chunks and whole, and nothing behind the end is read. */
function checkDots(input: Uint8Array): void {
  const behind = octetsOf('+OK next\r\n');
  const [chunks] = [...randomSplits(input, seedOfBytes(input), { count: 1 })];
  const stuffer = new DotStuffer();
  const stuffed = [...(chunks ?? []).flatMap((chunk) => stuffer.push(chunk)), stuffer.end()];
  const whole = concatBytes([...stuffed, behind]);
  const [cut] = [...randomSplits(whole, seedOfBytes(whole), { count: 1 })];
  const unstuffer = new DotUnstuffer();
  const pieces: Uint8Array[] = [];
  let consumed = 0;
  for (const chunk of cut ?? []) {
    if (unstuffer.isAtEnd) break;
    pieces.push(...unstuffer.push(chunk));
    consumed += unstuffer.consumed;
  }
  if (!unstuffer.isAtEnd || consumed !== whole.length - behind.length)
    throw new OracleError(`the body ends after ${consumed} octets, not ${whole.length - behind.length}`);
  const body = concatBytes(pieces);
  const isLineOpen = input.length > 0 && !(input.at(-1) === 0x0a && input.at(-2) === 0x0d);
  const expected = isLineOpen ? concatBytes([input, octetsOf('\r\n')]) : input;
  expectSame(equalBytes(body, expected), 'dots changed a body', body, expected);
}
