import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TransportError } from '@posthorn/core';
import type { HostPort } from '../../endpoint/endpoint-url.ts';

/** Metrics in the text form of Prometheus. */
export interface MetricsSource {
  readonly contentType: string;
  /** @throws when they cannot be had now. */
  text(): Promise<string>;
}

/** Where metrics can be asked for. */
export interface MetricsEndpoint extends HostPort {
  /** Never rejects. */
  close(): Promise<void>;
}

/** A scraper asks within milliseconds; nobody else has business here. */
const REQUEST_TIMEOUT_MS = 5_000;
const MAX_CONNECTIONS = 32;

/**
 * Answers `GET /metrics`, and nothing else.
 * @throws {@link TransportError} `TRANSPORT_LISTEN` when the port cannot be had.
 */
export async function serveMetrics({ host, port }: HostPort, source: MetricsSource): Promise<MetricsEndpoint> {
  const server = createServer(
    {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: 1_000,
    },
    (request, response) => void answer(request, response, source),
  );
  server.maxConnections = MAX_CONNECTIONS;
  const address = await new Promise<AddressInfo>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const what = cause.code === 'EADDRINUSE' ? 'it is in use' : (cause.code ?? 'unknown');
      reject(new TransportError('TRANSPORT_LISTEN', `cannot listen on ${host}:${port}: ${what}`, { cause }));
    });
    server.listen({ host, port, exclusive: true }, () => resolve(server.address() as AddressInfo));
  });
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { host: address.address, port: address.port, close };
}

async function answer(request: IncomingMessage, response: ServerResponse, source: MetricsSource): Promise<void> {
  const say = (status: number, text: string, headers: Record<string, string> = {}): void => {
    response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', ...headers });
    response.end(request.method === 'HEAD' ? undefined : text);
  };
  const [path] = (request.url ?? '').split('?', 1);
  if (path !== '/metrics') return say(404, 'Ask for /metrics\n');
  if (request.method !== 'GET' && request.method !== 'HEAD') return say(405, 'Ask with GET\n', { Allow: 'GET, HEAD' });
  try {
    say(200, await source.text(), { 'Content-Type': source.contentType });
  } catch {
    say(503, 'The metrics cannot be had now\n');
  }
}
