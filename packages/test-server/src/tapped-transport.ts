import {
  type ChannelBinding,
  concatBytes,
  decodeText,
  type TlsOptions,
  type Transport,
  TransportError,
  utf8Bytes,
  type WaitOptions,
} from '@posthorn/core';
import type { ArmedFault, FaultAction, FaultPoint } from './faults.ts';
import { LineSplitter, type Piece } from './line-splitter.ts';
import type { Recorder } from './transcript.ts';

/** How the protocol at hand is spoken. */
export interface Dialect {
  readonly hasLiterals: boolean;
  /** The tag, empty where there is none, and the name of a command in upper case, by its first line. */
  commandOf(line: string): { readonly tag: string; readonly name: string } | undefined;
}

/** What becomes of a command or a line that does not stay as it is. */
type Outcome = 'dropped' | { readonly replaceWith: string; readonly at: FaultPoint };

const PACE_MS = 10;

/** Stands between a server and its connection, writes down what is said, and lets it go wrong where a test asks. */
export class TappedTransport implements Transport {
  readonly #inner: Transport;
  readonly #dialect: Dialect;
  readonly #recorder: Recorder;
  readonly #faults: () => readonly ArmedFault[];
  readonly #wait: (ms: number) => Promise<void>;
  #received: LineSplitter;
  readonly #said: LineSplitter;
  /** What may go out of the present write. */
  #outgoing: Uint8Array[] = [];
  #sent = 0;
  #literalSent = 0;
  #octetsPerSecond = Number.POSITIVE_INFINITY;
  /** Whether the next line of the client begins a command. */
  #isCommandNext = true;
  /** Whether the command at hand is kept from the server. */
  #isDropping = false;
  #isConnected = false;
  #isClosed = false;
  /** The last read, which may be under way. */
  #reading: Promise<Uint8Array | null> = Promise.resolve(new Uint8Array(0));
  readonly #ended: Promise<never>;
  #end: () => void = () => {};

  constructor(
    inner: Transport,
    dialect: Dialect,
    recorder: Recorder,
    faults: () => readonly ArmedFault[],
    wait: (ms: number) => Promise<void>,
  ) {
    this.#inner = inner;
    this.#dialect = dialect;
    this.#recorder = recorder;
    this.#faults = faults;
    this.#wait = wait;
    this.#received = new LineSplitter(dialect.hasLiterals);
    this.#said = new LineSplitter(dialect.hasLiterals);
    this.#ended = new Promise<never>((_, reject) => {
      this.#end = () => reject(broken());
    });
    this.#ended.catch(() => {});
  }

  async read(options?: WaitOptions): Promise<Uint8Array | null> {
    for (;;) {
      this.#reading = this.#inner.read(options);
      const chunk = await this.#reading;
      if (chunk === null) return null;
      const passed: Uint8Array[] = [];
      const pieces = this.#received.push(chunk);
      for (const piece of pieces) if (await this.#hears(piece)) passed.push(piece.bytes);
      if (passed.length > 0) return concatBytes(passed);
    }
  }

  async write(data: Uint8Array | readonly Uint8Array[], options?: WaitOptions): Promise<void> {
    if (!this.#isConnected) {
      this.#isConnected = true;
      await this.#happen((at) => at === 'connect');
    }
    for (const chunk of data instanceof Uint8Array ? [data] : data)
      for (const piece of this.#said.push(chunk)) await this.#says(piece);
    await this.#flush(options);
  }

  async startTls(options: TlsOptions): Promise<void> {
    if (this.#received.rest.length > 0) {
      const error = new TransportError(
        'TRANSPORT_PLAINTEXT_BUFFERED',
        'octets in clear text came before the handshake',
      );
      this.destroy(error);
      throw error;
    }
    await this.#inner.startTls(options);
  }

  startDeflate(received: Uint8Array = new Uint8Array(0)): Promise<void> {
    const both = concatBytes([received, this.#received.rest]);
    this.#received = new LineSplitter(this.#dialect.hasLiterals);
    return this.#inner.startDeflate(both);
  }

  close(): Promise<void> {
    this.#end();
    return this.#inner.close();
  }

  /** A server drops what broke; a connection that was ended in good order is left to its client to end, too. */
  destroy(reason?: unknown): void {
    if (this.#isClosed) void this.#linger();
    else this.sever(reason);
  }

  /** Drops the connection, whatever state it is in. */
  sever(reason: unknown): void {
    this.#end();
    this.#inner.destroy(reason);
  }

  get security(): 'none' | 'tls' {
    return this.#inner.security;
  }

  get remoteAddress(): string | undefined {
    return this.#inner.remoteAddress;
  }

  get channelBinding(): ChannelBinding | undefined {
    return this.#inner.channelBinding;
  }

  get bytesRead(): number {
    return this.#inner.bytesRead;
  }

  get bytesWritten(): number {
    return this.#inner.bytesWritten;
  }

  /** The client said something: whether the server may know. */
  async #hears(piece: Piece): Promise<boolean> {
    this.#recorder.client(piece);
    if (piece.type === 'literal') return !this.#isDropping;
    const isCommand = this.#isCommandNext;
    this.#isCommandNext = !piece.endsInLiteral;
    if (!isCommand) return !this.#isDropping;
    const command = this.#dialect.commandOf(decodeText(piece.bytes));
    const isHere = (at: FaultPoint): boolean =>
      typeof at === 'object' && 'command' in at && at.command.toUpperCase() === command?.name;
    this.#isDropping = command !== undefined && (await this.#happen(isHere, command.tag)) !== undefined;
    return !this.#isDropping;
  }

  /** The server says something. */
  async #says(piece: Piece): Promise<void> {
    if (piece.type === 'literal') return this.#saysLiteral(piece);
    this.#literalSent = 0;
    const text = decodeText(piece.bytes);
    const outcome = await this.#happen((at) => typeof at === 'object' && 'line' in at && isIn(text, at.line));
    if (outcome === 'dropped') return;
    await this.#put(outcome === undefined ? piece : { ...piece, bytes: utf8Bytes(`${replaced(text, outcome)}\r\n`) });
  }

  async #saysLiteral(piece: Piece & { readonly type: 'literal' }): Promise<void> {
    let { bytes } = piece;
    for (;;) {
      const limit = this.#nextLiteralFault(bytes.length);
      if (limit === undefined) break;
      const before = bytes.subarray(0, limit.after);
      bytes = bytes.subarray(limit.after);
      this.#literalSent += before.length;
      await this.#put({ type: 'literal', bytes: before, isLast: false });
      if (!limit.armed.fires()) break;
      await this.#act(limit.armed.fault.action, '');
    }
    this.#literalSent += bytes.length;
    await this.#put({ ...piece, bytes });
  }

  /** The next fault that waits for octets of this literal, and how many octets there are before it. */
  #nextLiteralFault(length: number): { readonly armed: ArmedFault; readonly after: number } | undefined {
    for (const armed of this.#faults()) {
      const { at, times = 1 } = armed.fault;
      if (typeof at !== 'object' || !('literal' in at) || armed.count >= times) continue;
      const after = at.literal - this.#literalSent;
      if (after >= 0 && after < length) return { armed, after };
    }
    return undefined;
  }

  async #put(piece: Piece): Promise<void> {
    if (piece.bytes.length === 0) return;
    this.#recorder.server(piece);
    let { bytes } = piece;
    for (const armed of this.#faults()) {
      const { at } = armed.fault;
      if (typeof at !== 'object' || !('sent' in at)) continue;
      const after = at.sent - this.#sent;
      if (after < 0 || after >= bytes.length || !armed.fires()) continue;
      this.#queue(bytes.subarray(0, after));
      bytes = bytes.subarray(after);
      await this.#act(armed.fault.action, '');
    }
    this.#queue(bytes);
  }

  #queue(bytes: Uint8Array): void {
    this.#sent += bytes.length;
    this.#outgoing.push(bytes);
  }

  /** Sends what was let through. */
  async #flush(options?: WaitOptions): Promise<void> {
    const outgoing = this.#outgoing;
    this.#outgoing = [];
    if (outgoing.length === 0) return;
    if (this.#octetsPerSecond === Number.POSITIVE_INFINITY) return this.#inner.write(outgoing, options);
    const bytes = concatBytes(outgoing);
    const step = Math.max(1, Math.floor((this.#octetsPerSecond * PACE_MS) / 1000));
    for (let start = 0; start < bytes.length; start += step) {
      await this.#inner.write(bytes.subarray(start, start + step), options);
      await this.#pause((step / this.#octetsPerSecond) * 1000);
    }
  }

  /** Lets every fault happen whose moment this is. */
  async #happen(isHere: (at: FaultPoint) => boolean, tag = ''): Promise<Outcome | undefined> {
    let outcome: Outcome | undefined;
    for (const armed of this.#faults()) {
      const { at, action } = armed.fault;
      if (!isHere(at) || !armed.fires()) continue;
      if (typeof action === 'object' && 'replaceWith' in action) outcome ??= { replaceWith: action.replaceWith, at };
      else if (await this.#act(action, tag)) outcome = 'dropped';
    }
    return outcome;
  }

  /** @returns Whether the command or line at hand goes no further. */
  async #act(action: FaultAction, tag: string): Promise<boolean> {
    if (action === 'drop') return true;
    if (action === 'reset') {
      this.sever(broken());
      throw broken();
    }
    await this.#flush();
    if (action === 'close') {
      this.#isClosed = true;
      await this.close();
      throw broken();
    }
    if (action === 'stall') return this.#ended;
    if ('delayMs' in action) await this.#pause(action.delayMs);
    else if ('octetsPerSecond' in action) this.#octetsPerSecond = action.octetsPerSecond;
    else if ('send' in action) await this.#inner.write(utf8Bytes(action.send));
    else if ('reply' in action) {
      await this.#reply(tag, action.reply);
      return true;
    }
    return false;
  }

  async #reply(tag: string, reply: string): Promise<void> {
    const bytes = utf8Bytes(`${tag === '' ? reply : `${tag} ${reply}`}\r\n`);
    this.#recorder.server({ type: 'line', bytes, endsInLiteral: false });
    await this.#inner.write(bytes);
  }

  async #linger(): Promise<void> {
    try {
      while ((await this.#reading) !== null) this.#reading = this.#inner.read();
    } catch {
      // It is over either way.
    }
    this.sever(broken());
  }

  #pause(ms: number): Promise<void> {
    return Promise.race([this.#wait(ms), this.#ended]);
  }
}

function broken(): TransportError {
  return new TransportError('TRANSPORT_BROKEN', 'the connection was ended by a fault of the test');
}

function isIn(text: string, wanted: string | RegExp): boolean {
  return typeof wanted === 'string' ? text.includes(wanted) : stateless(wanted).test(text);
}

/** The line in another form, without its end. */
function replaced(text: string, { replaceWith, at }: Exclude<Outcome, 'dropped'>): string {
  const isPattern = typeof at === 'object' && 'line' in at && at.line instanceof RegExp;
  return isPattern ? text.replace(/\r?\n$/, '').replace(stateless(at.line as RegExp), replaceWith) : replaceWith;
}

/** A pattern that does not remember where it was. */
function stateless({ source, flags }: RegExp): RegExp {
  return new RegExp(source, flags.replace(/[gy]/g, ''));
}
