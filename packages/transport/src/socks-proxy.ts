import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { TransportError } from '@posthorn/core';
import { SocksClient } from 'socks';
import { endpoint } from './endpoint.ts';
import type { ProxyEndpoint, Target } from './proxy.ts';

/** Longer than any deadline of ours, which is what counts. */
const NEVER_MS = 0x7fff_ffff;

/** What the words of the library mean, after `the proxy HOST:PORT`. They hold no data of the peer's. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/Authentication failed/, 'refused the user name or password'],
  [/no accepted authentication type|unknown authentication type/, 'wants a user name and password, or another way'],
  [/- NotAllowed/, 'does not allow this connection'],
  [/- NetworkUnreachable/, 'cannot reach the network of the server'],
  [/- HostUnreachable/, 'cannot reach the server'],
  [/- ConnectionRefused/, 'was refused by the server'],
  [/- TTLExpired/, 'got no answer from the server'],
  [/- (?:CommandNotSupported|AddressNotSupported)/, 'cannot make such a connection'],
  [/- \(RejectedIdent|- \(Rejected\)/, 'wants to know who we are'],
  [/rejected connection/, 'cannot connect to the server'],
  [/Socket closed/, 'closed the connection'],
];

/** @see RFC 1928, RFC 1929, and the descriptions of SOCKS 4 and 4A */
export async function openSocksTunnel(socket: Socket, proxy: ProxyEndpoint, target: Target): Promise<void> {
  const { type, host, port, user, password } = proxy;
  const line = new OctetLine(socket);
  try {
    await SocksClient.createConnection({
      command: 'connect',
      existing_socket: line,
      destination: target,
      timeout: NEVER_MS,
      proxy: {
        host,
        port,
        type: type === 'socks4' ? 4 : 5,
        ...(user !== undefined && { userId: user }),
        ...(password !== undefined && { password }),
      },
    });
  } catch (error) {
    // Not as its cause: the library's errors carry the options, and with them the password.
    const words = error instanceof Error ? error.message : '';
    const reason = REASONS.find(([pattern]) => pattern.test(words))?.[1] ?? `does not speak ${NAMES[type]}`;
    throw new TransportError('TRANSPORT_PROXY', `the proxy ${endpoint(host, port)} ${reason}`);
  }
}

const NAMES: Readonly<Record<ProxyEndpoint['type'], string>> = {
  socks5: 'SOCKS 5',
  socks4: 'SOCKS 4',
  http: '',
  https: '',
};

/**
 * What the library talks to the proxy with: it gets one octet after the other until it pauses, which it does when it has
 * its answer. So it never holds octets of the server behind, which it could not give back.
 */
class OctetLine extends Duplex {
  readonly #socket: Socket;
  #isPaused = false;

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
    socket.on('readable', this.#pump).once('end', this.#end).once('close', this.#end);
    queueMicrotask(this.#pump);
  }

  override pause(): this {
    this.#isPaused = true;
    this.#socket.off('readable', this.#pump).off('end', this.#end).off('close', this.#end);
    return this;
  }

  override resume(): this {
    return this;
  }

  override _read(): void {}

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#socket.write(chunk, callback);
  }

  readonly #pump = (): void => {
    while (!this.#isPaused) {
      const octet: Buffer | null = this.#socket.read(1);
      if (octet === null) return;
      this.emit('data', octet);
    }
  };

  readonly #end = (): void => {
    this.emit('close');
  };
}
