import { concatBytes, decodeText, type TlsOptions, type Transport, utf8Bytes } from '@posthorn/core';
import { canStopDeflate } from '@posthorn/transport';
import { type Piece, parseTranscript, type Transcript, type TranscriptStep } from './transcript.ts';

/** What a scripted peer does wrong. Offsets count the octets it sends, from the start. */
export interface Faults {
  /** Ends the connection politely after this many octets. */
  readonly endAt?: number;
  /** Drops the connection after this many octets. Over TCP the peer may not get the last of them. */
  readonly resetAt?: number;
  /** Sends no more after this many octets, and waits until the peer ends the connection. */
  readonly stallAt?: number;
  /** Replaces what a line sends. */
  readonly lie?: (octets: Uint8Array, step: TranscriptStep) => Uint8Array;
}

export interface PlayOptions {
  readonly faults?: Faults;
  /** Cuts what is sent into chunks, such as {@link octetByOctet}. @defaultValue each line in one */
  readonly split?: (octets: Uint8Array) => readonly Uint8Array[];
  /** For the action `starttls`. */
  readonly tls?: TlsOptions;
  /** Destroys the transport when it fires; playing then rejects with its reason. */
  readonly signal?: AbortSignal;
}

export interface Played {
  /** `done` when the transcript was played to its end; else the fault that cut it short. */
  readonly outcome: 'done' | 'ended' | 'reset' | 'stalled';
  /** What the names in braces stood for last. */
  readonly values: ReadonlyMap<string, string>;
}

/** The peer did not send what the transcript says. */
export class TranscriptMismatchError extends Error {
  readonly line: number;
  readonly expected: string;
  readonly actual: string;

  constructor({ number, text }: TranscriptStep, actual: string) {
    super(`line ${number} of the transcript expects ${text}\nbut the peer sent ${actual}`);
    this.name = 'TranscriptMismatchError';
    this.line = number;
    this.expected = text;
    this.actual = actual;
  }
}

/**
 * Plays the server of a transcript: sends its `S:` lines and compares what the client sends to its `C:` lines, octet
 * by octet. A line is compared as it comes, so a difference is noticed at once.
 * @throws {@link TranscriptMismatchError}, after destroying the transport.
 */
export function playServer(
  transport: Transport,
  transcript: string | Transcript,
  options: PlayOptions = {},
): Promise<Played> {
  return new Player(transport, 'server', options).play(transcript);
}

/** Plays the client of a transcript. Names at the start of `C:` lines become tags of its own. */
export function playClient(
  transport: Transport,
  transcript: string | Transcript,
  options: PlayOptions = {},
): Promise<Played> {
  return new Player(transport, 'client', options).play(transcript);
}

const END_OF_VALUE = new Set(utf8Bytes(' )]"\r\n'));
const LF = 0x0a;

class FaultReached extends Error {
  readonly outcome: Played['outcome'];

  constructor(outcome: Played['outcome']) {
    super(outcome);
    this.outcome = outcome;
  }
}

class Player {
  readonly #transport: Transport;
  readonly #role: 'client' | 'server';
  readonly #options: PlayOptions;
  readonly #values = new Map<string, string>();
  #received: Uint8Array = new Uint8Array();
  /** What of the line under way has come and fits. */
  #accepted: Uint8Array[] = [];
  #sent = 0;
  #tags = 0;

  constructor(transport: Transport, role: 'client' | 'server', options: PlayOptions) {
    this.#transport = transport;
    this.#role = role;
    this.#options = options;
  }

  async play(transcript: string | Transcript): Promise<Played> {
    const { signal } = this.#options;
    const abort = (): void => this.#transport.destroy(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
    try {
      for (const step of typeof transcript === 'string' ? parseTranscript(transcript) : transcript)
        await this.#take(step);
      return { outcome: 'done', values: this.#values };
    } catch (error) {
      if (error instanceof FaultReached) return { outcome: error.outcome, values: this.#values };
      this.#transport.destroy(error);
      throw error;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  async #take(step: TranscriptStep): Promise<void> {
    if (step.type === 'line') return step.from === this.#role ? this.#send(step) : this.#expect(step);
    switch (step.action) {
      case 'close':
        return this.#transport.close();
      case 'reset':
        return this.#transport.destroy();
      case 'end':
        return this.#expectEnd(step);
      case 'starttls':
        if (this.#options.tls === undefined) throw new TypeError('the transcript needs the option tls');
        return this.#transport.startTls(this.#options.tls);
      case 'deflate':
        return this.#transport.startDeflate();
      case 'plain':
        if (!canStopDeflate(this.#transport)) throw new TypeError('the compression of this transport cannot end');
        return this.#transport.stopDeflate();
    }
  }

  async #send(step: TranscriptStep & { readonly type: 'line' }): Promise<void> {
    const { faults = {}, split = (octets) => [octets] } = this.#options;
    const truth = concatBytes(step.pieces.map((piece, index) => this.#octetsOf(piece, step, index)));
    const octets = faults.lie?.(truth, step) ?? truth;
    const stop = Math.min(
      faults.endAt ?? Number.POSITIVE_INFINITY,
      faults.resetAt ?? Number.POSITIVE_INFINITY,
      faults.stallAt ?? Number.POSITIVE_INFINITY,
    );
    const allowed = octets.subarray(0, Math.max(0, stop - this.#sent));
    for (const chunk of split(allowed)) await this.#transport.write(chunk);
    this.#sent += allowed.length;
    if (this.#sent >= stop) await this.#fail(stop, faults);
  }

  async #fail(stop: number, { endAt, resetAt }: Faults): Promise<never> {
    if (stop === endAt) {
      await this.#transport.close();
      throw new FaultReached('ended');
    }
    if (stop === resetAt) {
      this.#transport.destroy();
      throw new FaultReached('reset');
    }
    await this.#drain();
    throw new FaultReached('stalled');
  }

  /** Reads until the peer ends the connection, one way or the other. */
  async #drain(): Promise<void> {
    try {
      while ((await this.#transport.read()) !== null);
    } catch {
      // Dropped: that is an end too.
    }
  }

  #octetsOf(piece: Piece, step: TranscriptStep & { readonly type: 'line' }, index: number): Uint8Array {
    if (piece.type === 'octets') return piece.octets;
    if (piece.type === 'any') throw new TypeError(`line ${step.number} of the transcript is sent, and cannot be any`);
    if (index === 0 && step.from === 'client') this.#values.set(piece.name, `t${++this.#tags}`);
    const value = this.#values.get(piece.name);
    if (value === undefined)
      throw new TypeError(`line ${step.number} of the transcript uses {${piece.name}} too early`);
    return utf8Bytes(value);
  }

  async #expect(step: TranscriptStep & { readonly type: 'line' }): Promise<void> {
    this.#accepted = [];
    for (const [index, piece] of step.pieces.entries()) {
      if (piece.type === 'octets') await this.#expectOctets(piece.octets, step);
      else if (piece.type === 'any') await this.#skipTo(step.pieces[index + 1], step);
      else await this.#expectValue(piece.name, index === 0 && step.from === 'client', step);
    }
  }

  async #expectOctets(octets: Uint8Array, step: TranscriptStep): Promise<void> {
    for (let matched = 0; matched < octets.length; ) {
      await this.#fill(step);
      const length = Math.min(octets.length - matched, this.#received.length);
      for (let index = 0; index < length; index++) {
        if (this.#received[index] !== octets[matched + index]) throw this.#mismatch(step);
      }
      this.#accept(length);
      matched += length;
    }
  }

  async #expectValue(name: string, isNew: boolean, step: TranscriptStep): Promise<void> {
    const bound = isNew ? undefined : this.#values.get(name);
    if (bound !== undefined) return this.#expectOctets(utf8Bytes(bound), step);
    const value: Uint8Array[] = [];
    do {
      await this.#fill(step);
      const end = this.#received.findIndex((octet) => END_OF_VALUE.has(octet));
      value.push(this.#accept(end === -1 ? this.#received.length : end));
    } while (this.#received.length === 0);
    const text = decodeText(concatBytes(value));
    if (text === '') throw this.#mismatch(step);
    this.#values.set(name, text);
  }

  /** Drops octets up to the next piece, but never beyond the end of the line. */
  async #skipTo(next: Piece | undefined, step: TranscriptStep): Promise<void> {
    if (next?.type !== 'octets') throw new TypeError(`line ${step.number} of the transcript ends any with no octets`);
    let skipped = this.#received;
    for (;;) {
      const found = indexOf(skipped, next.octets);
      const lineEnd = skipped.indexOf(LF);
      if (found !== -1 && (lineEnd === -1 || found + next.octets.length <= lineEnd + 1 || next.octets[0] === LF)) {
        this.#received = skipped;
        this.#accept(found);
        return;
      }
      this.#received = skipped;
      if (lineEnd !== -1) throw this.#mismatch(step);
      skipped = concatBytes([skipped, await this.#read(step)]);
    }
  }

  async #expectEnd(step: TranscriptStep): Promise<void> {
    this.#accepted = [];
    if (this.#received.length > 0) throw this.#mismatch(step);
    const chunk = await this.#transport.read();
    if (chunk === null) return;
    this.#received = chunk;
    throw this.#mismatch(step);
  }

  async #fill(step: TranscriptStep): Promise<void> {
    if (this.#received.length === 0) this.#received = await this.#read(step);
  }

  async #read(step: TranscriptStep): Promise<Uint8Array> {
    const chunk = await this.#transport.read();
    if (chunk !== null) return chunk;
    const line = concatBytes(this.#accepted);
    const before = line.length === 0 ? '' : `${JSON.stringify(decodeText(line))} and `;
    throw new TranscriptMismatchError(step, `${before}the end of the stream`);
  }

  /** Takes octets that fit. */
  #accept(length: number): Uint8Array {
    const octets = this.#received.subarray(0, length);
    this.#accepted.push(octets);
    this.#received = this.#received.subarray(length);
    return octets;
  }

  #mismatch(step: TranscriptStep): TranscriptMismatchError {
    const line = concatBytes([...this.#accepted, this.#received.subarray(0, 200)]);
    return new TranscriptMismatchError(step, JSON.stringify(decodeText(line)));
  }
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array): number {
  for (let start = 0; start + wanted.length <= bytes.length; start++) {
    let matched = 0;
    while (matched < wanted.length && bytes[start + matched] === wanted[matched]) matched++;
    if (matched === wanted.length) return start;
  }
  return -1;
}
