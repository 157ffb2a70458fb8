/**
 * Octets of a client into values.
 * @module
 */

import { InvalidStateError } from '@posthorn/core';
import type { MailboxName } from '@posthorn/mailbox-name';
import { extendedCommand } from '../extension-table/extend.ts';
import type { CommandWith, ExtensionTable, NoExtensions } from '../extension-table/extension-table.ts';
import { FRAME, Framer, type FramerLimits, LITERAL, NOTHING, refuseLiteral } from '../framing/framer.ts';
import { BACKSLASH, DQUOTE, SP } from '../octets/octets.ts';
import type { Diagnostic } from '../tokens/diagnostic.ts';
import { Fault } from '../tokens/fault.ts';
import { Reader } from '../tokens/reader.ts';
import { readTag, tagOf } from '../tokens/tag.ts';
import { AppendBuilder } from './append-builder.ts';
import type { AppendMessage, ReplacedMessage } from './command.ts';
import { readCommand } from './read-command.ts';

/** How much a client may send; what exceeds it is refused, or ends the decoder. */
export interface CommandLimits {
  /** Octets of one command without its literals. @defaultValue 8 KiB */
  readonly maxLineBytes?: number | undefined;
  /** Octets of one literal that is not a message; four times as many for all of a command. @defaultValue 4 KiB */
  readonly maxLiteralBytes?: number | undefined;
  /** How deeply lists may nest. @defaultValue 8 */
  readonly maxDepth?: number | undefined;
}

/** How a {@link CommandDecoder} reads. */
export interface CommandDecoderOptions<Table extends ExtensionTable = NoExtensions> extends CommandLimits {
  /** Commands that others add, with values of their own. */
  readonly extensions?: Table | undefined;
  /** As for {@link ResponseDecoder}. @defaultValue 'lenient' */
  readonly mode?: 'lenient' | 'strict' | undefined;
}

/** What a client sent. */
export type CommandEvent<Table extends ExtensionTable = NoExtensions> =
  | {
      readonly type: 'command';
      readonly tag: string;
      readonly command: CommandWith<Table>;
      readonly diagnostics?: readonly Diagnostic[];
    }
  /**
   * An argument is a literal that the client waits to send: write a continuation request and call `acceptLiteral`,
   * or call `refuseLiteral` and answer the tag.
   */
  | { readonly type: 'literal'; readonly tag: string; readonly size: number; readonly isSynchronizing: boolean }
  /**
   * A message of an APPEND or REPLACE, or a part of one, is about to flow. After `acceptLiteral` (and a continuation
   * request when it is synchronising) come its octets; after the last comes the command, with all of the messages.
   */
  | {
      readonly type: 'appendLiteral';
      readonly tag: string;
      readonly mailbox: MailboxName;
      /** The message that a REPLACE takes away. */
      readonly replaces?: ReplacedMessage;
      /** A catenated message has its parts up to the one that is about to flow. */
      readonly message: AppendMessage;
      readonly index: number;
      /** All messages up to this one, whole, once one of them was catenated. The list grows as the command is read. */
      readonly earlier?: readonly AppendMessage[];
      /** Which part of a catenated message flows. */
      readonly part?: number;
      /** How many octets flow. */
      readonly size: number;
      readonly isSynchronizing: boolean;
      /** What was wrong before this literal. The command has them again. */
      readonly diagnostics?: readonly Diagnostic[];
    }
  /** A view that stays valid: the decoder never writes to it again. */
  | { readonly type: 'literalData'; readonly bytes: Uint8Array }
  | { readonly type: 'literalEnd' }
  /** The line that was expected with {@link CommandDecoder.expectLine}, without its end. */
  | { readonly type: 'line'; readonly bytes: Uint8Array }
  /** Answer BAD, with the tag when there is one, and go on. */
  | { readonly type: 'invalid'; readonly tag: string | undefined; readonly diagnostics: readonly Diagnostic[] };

const KIB = 1024;
const LITERALS_PER_COMMAND = 4;

/**
 * Decodes what a client sends. Push chunks of any size, then call `next` until it answers undefined. Nothing is
 * read ahead of the event at hand, so the caller may change the mode between two events.
 *
 * A command that does not parse becomes an `invalid` event and the stream stays in step. Only broken framing or an
 * exceeded line limit throws; the decoder is finished then, and throws the same error again.
 */
export class CommandDecoder<Table extends ExtensionTable = NoExtensions> {
  readonly #framer: Framer;
  readonly #reader: Reader;
  readonly #limits: FramerLimits;
  #maxLiteralBytes = 4 * KIB;
  #state: 'frame' | 'undecided' | 'flowing' | 'skipping' = 'frame';
  #append: AppendBuilder | undefined;
  #isMessage = false;
  /** The rest of the command at hand is dropped. */
  #isDropping = false;
  #isLineExpected = false;
  #literalBytes = 0;
  readonly #table: Table | undefined;
  #failure: unknown;

  constructor(options: CommandDecoderOptions<Table> = {}) {
    this.#table = options.extensions;
    this.#limits = { maxLineBytes: 8 * KIB, maxFrameBytes: Number.MAX_SAFE_INTEGER, quietLiteralBytes: -1 };
    this.#framer = new Framer(
      this.#limits,
      (bytes, start, end) => this.#isLineExpected || endsInQuotes(bytes, start, end),
    );
    this.#reader = new Reader(options.mode === 'strict', 8);
    this.setLimits(options);
  }

  /** Octets pushed and not yet turned into events. Must be 0 before TLS or compression begins. */
  get bufferedBytes(): number {
    return this.#framer.bufferedBytes;
  }

  /** Changes limits from here on, such as after login. Those left out stay. */
  setLimits(limits: CommandLimits): void {
    this.#limits.maxLineBytes = limits.maxLineBytes ?? this.#limits.maxLineBytes;
    this.#maxLiteralBytes = limits.maxLiteralBytes ?? this.#maxLiteralBytes;
    this.#reader.maxDepth = limits.maxDepth ?? this.#reader.maxDepth;
  }

  /** Takes a chunk. It must not be changed afterwards. */
  push(chunk: Uint8Array): void {
    this.#framer.push(chunk);
  }

  /** The next line is not a command but a SASL response or DONE: it comes as a `line` event. */
  expectLine(): void {
    this.#isLineExpected = true;
  }

  /** Takes the announced literal. */
  acceptLiteral(): void {
    this.#decide();
    if (this.#isMessage) {
      this.#framer.takeLiteral();
      this.#state = 'flowing';
    } else {
      this.#framer.keepLiteral();
      this.#state = 'frame';
    }
  }

  /** Drops the command the announced literal belongs to. What the client sends of it all the same is skipped. */
  refuseLiteral(): void {
    this.#decide();
    this.#state = 'frame';
    this.#drop();
  }

  /**
   * The next event, or undefined when more octets are needed.
   * @throws {@link LimitExceededError} when a line is too long, {@link WireSyntaxError} when the framing is broken.
   * @throws {@link InvalidStateError} when a literal was neither accepted nor refused.
   */
  next(): CommandEvent<Table> | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#state === 'undecided')
      throw new InvalidStateError('the announced literal was neither accepted nor refused');
    try {
      const event = this.#advance();
      return event?.type === 'command' && this.#table !== undefined ? extendedBy(this.#table, event) : event;
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  #advance(): CommandEvent | undefined {
    for (;;) {
      if (this.#state === 'flowing') return this.#readLiteral();
      if (this.#state === 'skipping' && !this.#skipLiteral()) return undefined;
      const found = this.#framer.next();
      if (found === NOTHING) return undefined;
      const event = found === FRAME ? this.#frame() : found === LITERAL ? this.#literal() : this.#badLiteral();
      if (event !== undefined) return event;
    }
  }

  #decide(): void {
    if (this.#state !== 'undecided') throw new InvalidStateError('no literal is announced');
  }

  #readLiteral(): CommandEvent | undefined {
    if (this.#framer.rawLeft === 0) {
      this.#state = 'frame';
      return { type: 'literalEnd' };
    }
    const bytes = this.#framer.readRaw();
    return bytes === undefined ? undefined : { type: 'literalData', bytes };
  }

  #skipLiteral(): boolean {
    while (this.#framer.rawLeft > 0) if (this.#framer.readRaw() === undefined) return false;
    this.#state = 'frame';
    return true;
  }

  #frame(): CommandEvent | undefined {
    const framer = this.#framer;
    const reader = this.#reader;
    const append = this.#append;
    const isDropped = this.#isDropping;
    this.#endCommand();
    if (isDropped) return undefined;
    if (this.#isLineExpected) {
      this.#isLineExpected = false;
      return { type: 'line', bytes: framer.buffer.slice(framer.start, framer.contentEnd) };
    }
    reader.open(framer.buffer, framer.start, framer.contentEnd);
    let tag = append?.tag;
    try {
      if (framer.hasBareLineFeed) reader.quirk('QUIRK_BARE_LF', 'a line ends without CR');
      tag ??= readTag(reader);
      const command = append === undefined ? readCommand(reader) : append.finish(reader);
      const { diagnostics } = reader;
      return diagnostics === undefined
        ? { type: 'command', tag, command }
        : { type: 'command', tag, command, diagnostics };
    } catch (fault) {
      return this.#invalid(fault, tag);
    }
  }

  #endCommand(): void {
    this.#append = undefined;
    this.#isDropping = false;
    this.#literalBytes = 0;
  }

  #invalid(fault: unknown, tag: string | undefined): CommandEvent {
    if (!(fault instanceof Fault)) throw fault;
    this.#reader.note('SYNTAX', fault.offset, fault.message);
    return { type: 'invalid', tag, diagnostics: this.#reader.diagnostics! };
  }

  /** Drops the rest of the command, whose next octets are those of an announced literal. */
  #drop(): void {
    if (this.#framer.isLiteralSynchronizing) {
      // The client never sends the literal: its next octet begins another command.
      this.#framer.dropFrame();
      this.#endCommand();
      return;
    }
    this.#framer.takeLiteral();
    this.#state = 'skipping';
    this.#append = undefined;
    this.#isDropping = true;
  }

  #literal(): CommandEvent | undefined {
    if (this.#isDropping) {
      this.#drop();
      return undefined;
    }
    const framer = this.#framer;
    const reader = this.#reader;
    reader.open(framer.buffer, framer.start, framer.literalStart);
    let tag: string | undefined = this.#append?.tag;
    try {
      tag ??= tagOf(framer.buffer, framer.start, framer.literalStart) ?? reader.fail('expected a tag');
      const append = this.#append ?? AppendBuilder.begin(reader);
      const event = append && this.#messageLiteral(append);
      if (event === undefined) return this.#argumentLiteral(tag);
      this.#append = append;
      return event;
    } catch (fault) {
      const event = this.#invalid(fault, tag);
      this.#drop();
      return event;
    }
  }

  #argumentLiteral(tag: string): CommandEvent | undefined {
    const { literalSize: size, isLiteralSynchronizing: isSynchronizing } = this.#framer;
    this.#literalBytes += size;
    if (size > this.#maxLiteralBytes || this.#literalBytes > LITERALS_PER_COMMAND * this.#maxLiteralBytes) {
      this.#reader.fail(`a literal exceeds the limit of ${this.#maxLiteralBytes} octets`);
    }
    if (!isSynchronizing) {
      this.#framer.keepLiteral();
      return undefined;
    }
    this.#isMessage = false;
    this.#state = 'undecided';
    return { type: 'literal', tag, size, isSynchronizing };
  }

  /** Undefined when the announced literal is not what flows but an argument, such as a URL. */
  #messageLiteral(append: AppendBuilder): CommandEvent | undefined {
    const { literalSize: size, isLiteralSynchronizing: isSynchronizing, isLiteralBinary: isBinary } = this.#framer;
    const step = append.next(this.#reader, { size, isBinary });
    if (step === undefined) return undefined;
    this.#isMessage = true;
    this.#state = 'undecided';
    const { diagnostics } = this.#reader;
    return {
      type: 'appendLiteral',
      tag: append.tag,
      ...append.target,
      ...step,
      size,
      isSynchronizing,
      ...(diagnostics !== undefined && { diagnostics }),
    };
  }

  #badLiteral(): CommandEvent | undefined {
    const { buffer, start, contentEnd, isLiteralSynchronizing } = this.#framer;
    // The client goes on with a literal whose end nobody can tell.
    if (!isLiteralSynchronizing) refuseLiteral(contentEnd - start);
    const tag = this.#append?.tag ?? tagOfCommand(buffer, start, contentEnd);
    const wasDropping = this.#isDropping;
    this.#framer.dropFrame();
    this.#endCommand();
    if (wasDropping) return undefined;
    const diagnostics = [
      { id: 'SYNTAX', offset: contentEnd - start, message: 'a literal is announced with a size that is not a number' },
    ];
    return { type: 'invalid', tag, diagnostics };
  }
}

/** A command with the value that a table makes of it. */
function extendedBy<Table extends ExtensionTable>(
  table: Table,
  event: Extract<CommandEvent, { readonly type: 'command' }>,
): CommandEvent<Table> {
  const { command, diagnostics } = extendedCommand(event.command, table);
  const all = [...(event.diagnostics ?? []), ...diagnostics];
  const { type, tag } = event;
  return all.length === 0 ? { type, tag, command } : { type, tag, command, diagnostics: all };
}

/** Whether a line ends inside a quoted string, so that a `{1}` there announces nothing. */
function endsInQuotes(bytes: Uint8Array, start: number, end: number): boolean {
  let isQuoted = false;
  for (let index = start; index < end; index++) {
    if (bytes[index] === DQUOTE) isQuoted = !isQuoted;
    else if (isQuoted && bytes[index] === BACKSLASH) index++;
  }
  return isQuoted;
}

/** The tag of a command, as far as it stands by itself. */
function tagOfCommand(bytes: Uint8Array, start: number, end: number): string | undefined {
  const tag = tagOf(bytes, start, end);
  if (tag === undefined) return undefined;
  const behind = start + tag.length;
  return behind === end || bytes[behind] === SP ? tag : undefined;
}
