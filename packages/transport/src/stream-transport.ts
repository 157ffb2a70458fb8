import { Socket } from 'node:net';
import type { Duplex, Readable, Writable } from 'node:stream';
import { TLSSocket } from 'node:tls';
import {
  type ChannelBinding,
  concatBytes,
  InvalidStateError,
  type TlsOptions,
  type Transport,
  TransportError,
  type WaitOptions,
} from '@posthorn/core';
import { channelBinding } from './channel-binding.ts';
import { behindDeflate, type DeflateStream, deflateStream } from './deflate.ts';
import type { DeflatingTransport } from './deflating-transport.ts';
import { endpoint } from './endpoint.ts';
import type { LendingTransport } from './lending-transport.ts';
import type { LentInput } from './lent-input.ts';
import { Patience, waitFor } from './patience.ts';
import { brokenError } from './socket-errors.ts';
import { checkTlsOptions, secureStream } from './tls-handshake.ts';

/** Pieces that together stay below this are joined before they are sent: a copy costs less than a list of writes. */
const JOIN_BELOW_BYTES = 64 * 1024;
/** Longest that `close` waits for the peer to take what was written. */
const FLUSH_TIMEOUT_MS = 5000;
/** Longest that `close` then waits for the peer's end of the stream, so that closing does not reset the connection. */
const LINGER_TIMEOUT_MS = 1000;
/** First octet of a TLS record that holds a ClientHello. */
const TLS_HANDSHAKE_RECORD = 0x16;

/** A transport over a socket, TLS or not, that is connected. The transport owns it from here on. */
export function transportFromSocket(socket: Socket | TLSSocket): Transport {
  return new StreamTransport(socket);
}

/**
 * A transport over any duplex stream of octets: a child process, a proxied connection, a test double. The transport
 * owns it from here on.
 */
export function transportFromDuplex(duplex: Duplex): Transport {
  if (duplex.readableObjectMode || duplex.writableObjectMode) throw new TypeError('the stream is in object mode');
  return new StreamTransport(duplex);
}

interface PendingWrite {
  readonly reject: (reason: unknown) => void;
}

/** {@link Transport} over a Node stream. */
export class StreamTransport implements LendingTransport, DeflatingTransport {
  /** The connection itself; `#input` and `#output` are other streams when octets are compressed. */
  #stream: Duplex;
  #input: Readable;
  #output: Writable;
  /** What is read in place of `#input`, while chunks are lent. */
  #lent: LentInput | undefined;
  /** What is between the connection and `#input` and `#output` while octets are compressed. */
  #deflate: DeflateStream | undefined;
  /** Octets of the end of DEFLATE may still come. */
  #isBehindDeflate = false;
  #bytesRead = 0;
  #bytesWritten = 0;
  #reading = false;
  #wakeReader: (() => void) | undefined;
  #failure: { readonly reason: unknown } | undefined;
  #destroyed = false;
  #upgrading = false;
  #closing: Promise<void> | undefined;
  readonly #writes = new Set<PendingWrite>();
  #binding: { readonly value: ChannelBinding | undefined } | undefined;
  readonly remoteAddress: string | undefined;

  /** @param lent - What the socket reads into, when its chunks are lent. */
  constructor(stream: Duplex, lent?: LentInput) {
    this.#stream = stream;
    this.#lent = lent;
    this.#input = stream;
    this.#output = stream;
    this.remoteAddress = addressOf(stream);
    this.#attach();
  }

  get security(): 'none' | 'tls' {
    return this.#stream instanceof TLSSocket ? 'tls' : 'none';
  }

  get channelBinding(): ChannelBinding | undefined {
    if (!(this.#stream instanceof TLSSocket) || this.#stream.destroyed) return this.#binding?.value;
    this.#binding ??= { value: channelBinding(this.#stream) };
    return this.#binding.value;
  }

  get bytesRead(): number {
    return this.#bytesRead;
  }

  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  get isLending(): boolean {
    return this.#lent !== undefined;
  }

  keepChunk(): void {
    this.#lent?.keep();
  }

  async read(options?: WaitOptions): Promise<Uint8Array | null> {
    this.#assertNoRead();
    this.#reading = true;
    const patience = options && new Patience(options, 'reading', this.#wake);
    try {
      for (;;) {
        patience?.check();
        if (this.#destroyed) throw this.#failure?.reason;
        if (this.#closing !== undefined) return null;
        const chunk = this.#take();
        if (chunk !== null) {
          this.#bytesRead += chunk.length;
          return chunk;
        }
        if (this.#input.readableEnded) return null;
        if (this.#failure !== undefined) throw this.#failure.reason;
        await new Promise<void>((resolve) => {
          this.#wakeReader = resolve;
        });
      }
    } finally {
      patience?.stop();
      this.#reading = false;
    }
  }

  #take(): Uint8Array | null {
    if (this.#lent !== undefined) return this.#lent.take();
    const chunk: Uint8Array | null = this.#input.read();
    if (chunk === null) return null;
    const octets = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length);
    if (!this.#isBehindDeflate) return octets;
    const text = behindDeflate(octets);
    this.#isBehindDeflate = text === null;
    return text;
  }

  async write(data: Uint8Array | readonly Uint8Array[], options?: WaitOptions): Promise<void> {
    options?.signal?.throwIfAborted();
    this.#assertOpen();
    const pieces = data instanceof Uint8Array ? [data] : data;
    let length = 0;
    for (const piece of pieces) length += piece.length;
    if (length === 0) return;
    this.#bytesWritten += length;
    const isJoined = this.#mayKeepArrays || (pieces.length > 1 && length < JOIN_BELOW_BYTES);
    const sent = this.#send(isJoined ? joined(pieces) : pieces);
    if (sent !== undefined) await waitFor(sent, options, 'writing');
  }

  async startTls(options: TlsOptions): Promise<void> {
    this.#assertNoRead();
    this.#assertOpen();
    if (this.security === 'tls')
      throw new TransportError('TRANSPORT_UNSUPPORTED', 'the connection is already encrypted');
    if (this.#deflate !== undefined)
      throw new TransportError('TRANSPORT_UNSUPPORTED', 'the connection is already compressed');
    if (this.#output.writableLength > 0) throw new InvalidStateError('a write is still under way');
    checkTlsOptions(options);
    const peer = options.role === 'server' ? (this.remoteAddress ?? 'the client') : this.#peerName(options.host);
    this.#stopLending();
    this.#refusePlaintext(options);
    this.#upgrading = true;
    this.#detach();
    try {
      const secured = await secureStream(this.#stream, options, peer);
      this.#stream = secured;
      this.#input = secured;
      this.#output = secured;
    } catch (error) {
      this.#failure ??= { reason: error };
      throw this.#failure.reason;
    } finally {
      this.#upgrading = false;
      this.#attach();
    }
  }

  async startDeflate(received?: Uint8Array): Promise<void> {
    this.#assertNoRead();
    this.#assertOpen();
    if (this.#deflate !== undefined)
      throw new TransportError('TRANSPORT_UNSUPPORTED', 'the connection is already compressed');
    if (this.#output.writableLength > 0) throw new InvalidStateError('a write is still under way');
    this.#stopLending();
    this.#detach();
    this.#deflate = deflateStream(this.#stream, received);
    ({ input: this.#input, output: this.#output } = this.#deflate);
    this.#attach();
  }

  async stopDeflate(): Promise<void> {
    this.#assertNoRead();
    this.#assertOpen();
    const deflate = this.#deflate;
    if (deflate === undefined) throw new TransportError('TRANSPORT_UNSUPPORTED', 'the connection is not compressed');
    if (this.#output.writableLength > 0) throw new InvalidStateError('a write is still under way');
    if (this.#input.readableLength > 0) throw new InvalidStateError('what was inflated is still to be read');
    this.#detach();
    this.#stream.unpipe(deflate.input);
    deflate.output.unpipe(this.#stream);
    deflate.input.destroy();
    deflate.output.destroy();
    this.#input = this.#stream;
    this.#output = this.#stream;
    this.#deflate = undefined;
    this.#isBehindDeflate = true;
    this.#attach();
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  destroy(reason?: unknown): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#failure = { reason: reason ?? new TransportError('TRANSPORT_BROKEN', 'the connection was destroyed') };
    this.#drop();
    this.#fail(this.#failure.reason);
  }

  /** Sockets and DEFLATE are done with an array when they call back; another stream may pass it on as it is. */
  get #mayKeepArrays(): boolean {
    return !(this.#stream instanceof Socket) && this.#deflate === undefined;
  }

  /** Hands pieces to the stream. @returns when it has no more need of them, undefined when it has none already */
  #send(pieces: readonly Uint8Array[]): Promise<void> | undefined {
    const output = this.#output;
    let onSent: ((error?: Error | null) => void) | undefined;
    const last = pieces.length - 1;
    if (last > 0) output.cork();
    for (let index = 0; index < last; index++) output.write(pieces[index]);
    output.write(pieces[last], (error) => onSent?.(error));
    if (last > 0) output.uncork();
    // A socket that could send at once has done so by now.
    if (output.writableLength === 0 && output.errored === null) return undefined;
    return new Promise((resolve, reject) => {
      const write: PendingWrite = { reject };
      this.#writes.add(write);
      onSent = (error) => {
        this.#writes.delete(write);
        if (error) reject(this.#failure?.reason ?? brokenError(error));
        else resolve();
      };
    });
  }

  /** Rejects what is under way. Not every stream calls back for writes that are lost when it is destroyed. */
  #fail(reason: unknown): void {
    this.#failure ??= { reason };
    for (const { reject } of this.#writes) reject(this.#failure.reason);
    this.#writes.clear();
    this.#wake();
  }

  /** Ends the stream after what was written, and leaves nothing open however the peer behaves. */
  async #end(): Promise<void> {
    const stream = this.#stream;
    this.#wake();
    // There is nothing polite to say in the middle of a handshake.
    if (this.#upgrading) this.destroy(new TransportError('TRANSPORT_BROKEN', 'the connection is closed'));
    if (stream.destroyed) return;
    await new Promise<void>((resolve) => {
      const drop = (): void => this.#drop();
      let timer = setTimeout(drop, FLUSH_TIMEOUT_MS);
      stream.once('finish', () => {
        clearTimeout(timer);
        timer = setTimeout(drop, LINGER_TIMEOUT_MS);
      });
      stream.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      this.#output.end();
      this.#stopLending();
      // Octets that nobody will read are thrown away: left in the system's buffer they would turn the end into a reset.
      this.#input.off('readable', this.#wake).resume();
    });
  }

  #drop(): void {
    const stream = this.#stream;
    const isTcp = stream instanceof Socket && !(stream instanceof TLSSocket) && !stream.connecting;
    // A reset, so that the peer cannot take a stream that was cut for one that ended.
    if (isTcp && !isEnding(stream)) stream.resetAndDestroy();
    else stream.destroy();
  }

  /** Octets that came in clear text may not be taken for what comes encrypted. @see RFC 9051 section 11.1 */
  #refusePlaintext({ role }: TlsOptions): void {
    if (this.#input.readableLength === 0) return;
    const buffered: Uint8Array | null = this.#input.read();
    if (buffered === null) return;
    if (role === 'server' && buffered[0] === TLS_HANDSHAKE_RECORD) {
      // The client's hello overtook our call; it goes to the handshake, and to nobody else.
      this.#input.unshift(buffered);
      return;
    }
    const message = 'octets arrived in clear text before the TLS handshake';
    const error = new TransportError('TRANSPORT_PLAINTEXT_BUFFERED', message);
    this.#failure = { reason: error };
    this.#drop();
    throw error;
  }

  #peerName(host: string): string {
    const port = this.#stream instanceof Socket ? this.#stream.remotePort : undefined;
    return port === undefined ? host : endpoint(host, port);
  }

  #assertNoRead(): void {
    if (this.#reading) throw new InvalidStateError('a read is already under way');
    if (this.#upgrading) throw new InvalidStateError('a TLS handshake is under way');
  }

  #assertOpen(): void {
    if (this.#upgrading) throw new InvalidStateError('a TLS handshake is under way');
    if (this.#failure !== undefined) throw this.#failure.reason;
    if (this.#closing !== undefined || this.#stream.destroyed || this.#output.writableEnded) {
      throw new TransportError('TRANSPORT_BROKEN', 'the connection is closed');
    }
  }

  #stopLending(): void {
    this.#lent?.stop();
    this.#lent = undefined;
  }

  #attach(): void {
    this.#stream.on('error', this.#onError).on('close', this.#onClose);
    this.#input.on('end', this.#wake);
    // Whoever listens to `readable` makes the stream read for itself.
    if (this.#lent === undefined) this.#input.on('readable', this.#wake);
    else this.#lent.start(this.#stream as Socket, this.#wake);
    if (this.#deflate !== undefined) {
      const message = 'the peer sent octets that are not compressed';
      this.#input.on('error', (cause) => this.#onError(new TransportError('TRANSPORT_BROKEN', message, { cause })));
      this.#output.on('error', this.#onError);
    }
  }

  #detach(): void {
    this.#stream.off('error', this.#onError).off('close', this.#onClose);
    this.#input.off('readable', this.#wake).off('end', this.#wake);
  }

  /** @returns whether a reader waited */
  readonly #wake = (): boolean => {
    const wake = this.#wakeReader;
    this.#wakeReader = undefined;
    wake?.();
    return wake !== undefined;
  };

  readonly #onError = (error: Error): void => {
    this.#fail(brokenError(error));
    this.#stream.destroy();
  };

  readonly #onClose = (): void => {
    this.#fail(new TransportError('TRANSPORT_BROKEN', 'the connection is closed'));
    if (this.#deflate === undefined) return;
    this.#input.destroy();
    this.#output.destroy();
  };
}

/** Whether all is sent and the end is on its way: a reset then fails, and Node neither closes the socket nor says so. */
function isEnding({ writableEnded, writableFinished, writableLength }: Writable): boolean {
  return writableEnded && !writableFinished && writableLength === 0;
}

/** The pieces in one fresh array. */
function joined(pieces: readonly Uint8Array[]): readonly Uint8Array[] {
  return [pieces.length === 1 ? new Uint8Array(pieces[0]!) : concatBytes(pieces)];
}

function addressOf(stream: Duplex): string | undefined {
  if (!(stream instanceof Socket) || stream.remoteAddress === undefined) return undefined;
  return endpoint(stream.remoteAddress, stream.remotePort ?? 0);
}
