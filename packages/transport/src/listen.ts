import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { ServerTlsOptions, Transport } from '@posthorn/core';
import { endpoint } from './endpoint.ts';
import { listenError } from './socket-errors.ts';
import { StreamTransport } from './stream-transport.ts';
import { checkTlsOptions, secureStream } from './tls-handshake.ts';

export interface ListenOptions {
  /** Address to listen on, such as `127.0.0.1`, `::1`, or `::` for all. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /**
   * Called for each connection, after the handshake when there is one. When it throws or rejects, the connection is
   * destroyed and `onError` told.
   */
  readonly onConnection: (transport: Transport) => void | Promise<void>;
  /** Makes every connection speak TLS from the first octet. */
  readonly tls?: Omit<ServerTlsOptions, 'role'>;
  /** Told of connections that could not be accepted or secured. Nothing stops because of them. */
  readonly onError?: (error: unknown) => void;
  /** How long a line may be silent before the system probes whether the peer still lives; 0 never. @defaultValue 60_000 */
  readonly keepAliveMs?: number;
}

/** A port that accepts connections. */
export interface Listener extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Stops accepting; connections that stand are left alone. Idempotent; never rejects. */
  close(): Promise<void>;
}

/**
 * Accepts connections.
 * @throws {@link TransportError} `TRANSPORT_LISTEN` when the port cannot be had.
 * @throws TypeError when certificate and key are not what they should be.
 */
export async function listen(options: ListenOptions): Promise<Listener> {
  const { host, port, onConnection, onError = ignore, keepAliveMs = 60_000 } = options;
  const tls: ServerTlsOptions | undefined = options.tls === undefined ? undefined : { ...options.tls, role: 'server' };
  if (tls !== undefined) checkTlsOptions(tls);
  const handshaking = new Set<Socket>();

  const accept = async (socket: Socket): Promise<void> => {
    const transport = tls === undefined ? new StreamTransport(socket) : await secure(socket, tls);
    try {
      await onConnection(transport);
    } catch (error) {
      transport.destroy(error);
      throw error;
    }
  };
  const secure = async (socket: Socket, options: ServerTlsOptions): Promise<Transport> => {
    handshaking.add(socket);
    try {
      return new StreamTransport(
        await secureStream(socket, options, endpoint(socket.remoteAddress ?? '', socket.remotePort ?? 0)),
      );
    } finally {
      handshaking.delete(socket);
    }
  };

  const server = createServer(
    {
      allowHalfOpen: true,
      pauseOnConnect: true,
      noDelay: true,
      keepAlive: keepAliveMs > 0,
      keepAliveInitialDelay: keepAliveMs,
    },
    (socket) => {
      socket.on('error', ignore);
      accept(socket).catch(onError);
    },
  );
  const address = await bind(server, host, port);
  server.on('error', onError);
  const close = async (): Promise<void> => {
    server.close();
    for (const socket of handshaking) socket.destroy();
  };
  return { host: address.address, port: address.port, close, [Symbol.asyncDispose]: close };
}

function bind(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, host, port)));
    server.listen({ host, port }, () => {
      server.removeAllListeners('error');
      resolve(server.address() as AddressInfo);
    });
  });
}

function ignore(): void {}
