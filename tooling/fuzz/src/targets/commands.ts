import { isDeepStrictEqual } from 'node:util';
import { concatBytes } from '@posthorn/core';
import {
  type Command,
  CommandDecoder,
  type CommandDecoderOptions,
  type CommandEncodeOptions,
  type CommandEvent,
  encodeCommand,
} from '@posthorn/wire';
import { extensionCommand, readExtensionCommand } from '@posthorn/wire/extensions';
import { COMMANDS } from '../command-grammar.ts';
import { keptInputs, transcriptInputs } from '../corpus.ts';
import { type Feed, outcomeHoweverCut, outcomeOf } from '../decode.ts';
import { hasImpossibleField } from '../field-names.ts';
import { octetsOf } from '../octets.ts';
import { octetsTarget } from '../octets-target.ts';
import { seedOfBytes } from '../random.ts';
import { expectSame, OracleError, refusedOr, type Target } from '../target.ts';

const SMALL_LIMITS: CommandDecoderOptions = { maxLineBytes: 200, maxLiteralBytes: 16, maxDepth: 2 };
/** What a server must have offered for every command to have a spelling. */
export const EVERYTHING: CommandEncodeOptions = { literalPlus: true, utf8: true, binary: true };

/** What a server does with octets of a client. */
export const commands: Target = octetsTarget({
  name: 'commands',
  seeds: [...keptInputs('commands'), ...transcriptInputs('client')],
  grammar: { grammar: COMMANDS, start: 'stream' },
  check: checkCommands,
});

function checkCommands(input: Uint8Array): void {
  const seed = seedOfBytes(input);
  const limits = seed % 3 === 0 ? SMALL_LIMITS : {};
  const refuses = (seed & 64) === 0;
  const lenient = outcomeHoweverCut(() => serverFeed(limits, refuses), input);
  const strict = outcomeOf(serverFeed({ ...limits, mode: 'strict' }, refuses), [input]);
  if (lenient.failure === undefined && strict.failure === undefined && !strict.events.some(isInvalid)) {
    expectSame(isDeepStrictEqual(lenient, strict), 'lenient mode reads right input otherwise', lenient, strict);
    if (lenient.events.some((event) => 'diagnostics' in event))
      throw new OracleError('strict mode accepts what lenient mode reports');
  }
  for (const event of lenient.events) {
    if (event.type !== 'command') continue;
    checkCommand(event);
    if (event.command.name === 'X') checkExtension(event.command);
  }
}

function isInvalid({ type }: CommandEvent): boolean {
  return type === 'invalid';
}

/** A decoder whose server accepts literals, or every second size of them, and waits for a line where one is due. */
function serverFeed(options: CommandDecoderOptions, refuses: boolean): Feed<CommandEvent> {
  const decoder = new CommandDecoder(options);
  return {
    push: (chunk) => decoder.push(chunk),
    next: () => {
      const event = decoder.next();
      if (event?.type === 'literal') decide(decoder, refuses && event.size % 2 === 1);
      else if (event?.type === 'appendLiteral') decide(decoder, refuses && event.size % 2 === 1);
      else if (event?.type === 'command' && awaitsLine(event.command)) decoder.expectLine();
      return event;
    },
  };
}

function decide(decoder: CommandDecoder, isRefused: boolean): void {
  if (isRefused) decoder.refuseLiteral();
  else decoder.acceptLiteral();
}

function awaitsLine(command: Command): boolean {
  return command.name === 'IDLE' || (command.name === 'AUTHENTICATE' && command.initialResponse === undefined);
}

/** What a command of an extension asks for can be sent, and asks for the same then. */
function checkExtension(command: RawCommand): void {
  const value = readExtensionCommand(command);
  if (value === undefined || 'type' in value) return;
  const sent = refusedOr(() => extensionCommand(value));
  // The grammar gives atoms more freedom in quotes and literals than names of the wire have.
  if (sent === undefined || 'diagnostics' in value) return;
  const again = readExtensionCommand(sent);
  expectSame(isDeepStrictEqual(again, value), 'encoding changed an extension', again, value);
}

type RawCommand = Extract<Command, { readonly name: 'X' }>;

type CommandRead = Extract<CommandEvent, { readonly type: 'command' }>;

/** What was decoded can be encoded, and is then decoded to the same value. */
function checkCommand(event: CommandRead): void {
  if ('diagnostics' in event) {
    const octets = encodedIfPossible(event.tag, event.command);
    if (octets !== undefined) expectOneCommand(octets, event.command);
    return;
  }
  if (mayBeRefused(event.command)) {
    const octets = encodedIfPossible(event.tag, event.command);
    if (octets !== undefined) expectOneCommand(octets, event.command);
    return;
  }
  const decoded = decodedCommands(encodedCommand(event.tag, event.command, EVERYTHING));
  expectSame(isDeepStrictEqual(decoded, [event]), 'encoding changed a command', decoded, [event]);
}

/**
 * Commands that are not known keep their octets, 8-bit ones as well, however they announce literals.
 */
function mayBeRefused(command: Command): boolean {
  if (command.name === 'X') return true;
  if (command.name !== 'FETCH') return false;
  return command.items.some((item) => item.type === 'section' && hasImpossibleField(item.section));
}

/** The octets of a command, with full stops in the place of messages. */
export function encodedCommand(tag: string, command: Command, options: CommandEncodeOptions): Uint8Array {
  return concatBytes(
    encodeCommand(tag, command, options).flatMap((piece) => {
      if (piece.type === 'bytes') return [piece.bytes];
      return piece.type === 'message' ? [new Uint8Array(piece.size).fill(0x2e)] : [];
    }),
  );
}

/** Undefined for a command that cannot be sent. */
export function encodedIfPossible(tag: string, command: Command, options = EVERYTHING): Uint8Array | undefined {
  return refusedOr(() => encodedCommand(tag, command, options));
}

/** The commands a server reads that accepts every literal. */
export function decodedCommands(octets: Uint8Array): readonly CommandEvent[] {
  const limits = { maxLineBytes: 2 ** 20, maxLiteralBytes: 2 ** 20, maxDepth: 64 };
  const { events } = outcomeOf(serverFeed(limits, false), [octets]);
  return events.filter((event) => !/literal/i.test(event.type));
}

/** @throws OracleError unless the octets are one command of the same name, after which the stream is in step. */
export function expectOneCommand(octets: Uint8Array, command: Command): void {
  const line = awaitsLine(command) ? 'DONE\r\n' : '';
  const names = decodedCommands(concatBytes([octets, octetsOf(`${line}zz9 NOOP\r\n`)])).flatMap((event) =>
    event.type === 'line' ? [] : [event.type === 'command' ? `${event.tag} ${event.command.name}` : event.type],
  );
  const isOne = names.length === 2 && names[0]!.endsWith(` ${command.name}`) && names[1] === 'zz9 NOOP';
  expectSame(isOne, 'encoding made something else of a command', { octets, names }, command);
}
