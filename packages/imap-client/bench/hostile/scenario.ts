import { inspect } from 'node:util';
import { makeCertificate } from '@posthorn/certificates';
import { type Logger, MailError } from '@posthorn/core';
import { listen } from '@posthorn/transport';
import { type ConnectOptions, connect, type ImapClient } from '../../src/index.ts';
import { Peer } from './peer.ts';

/** One attack on a client. */
export interface Scenario {
  readonly attack: string;
  /** @defaultValue `'none'`, with PREAUTH */
  readonly security?: 'none' | 'starttls' | 'tls';
  /** The server's certificate. @defaultValue one that the client trusts */
  readonly certificate?: Parameters<typeof makeCertificate>[0];
  readonly options?: Partial<ConnectOptions>;
  serve(peer: Peer): Promise<void>;
  /** What the client does once it is connected. */
  act?(client: ImapClient): Promise<unknown>;
  /** The right outcome: a code of an error, several, or what the result must fulfil. */
  readonly right: string | RegExp | ((result: unknown, peer: Peer) => boolean);
  /** What the client must not have sent. */
  readonly forbids?: RegExp;
}

export interface Verdict {
  readonly isRight: boolean;
  /** What went wrong, when anything did. */
  readonly why: string;
  readonly milliseconds: number;
  /** Most octets of memory that the process took beyond what it had. */
  readonly grownBytes: number;
  /** Violations of what holds for every scenario. */
  readonly violations: readonly string[];
}

export const PASSWORD = 's3cret-pass';
/** Every deadline of the client. */
const DEADLINE_MS = 3000;
const HANG_MS = 10_000;
const SECRETS = [PASSWORD, btoa(PASSWORD), btoa(`\0alice\0${PASSWORD}`)];

const TIMEOUTS = {
  connectMs: DEADLINE_MS,
  greetingMs: DEADLINE_MS,
  tlsMs: DEADLINE_MS,
  authMs: DEADLINE_MS,
  commandMs: DEADLINE_MS,
  progressMs: DEADLINE_MS,
  closeMs: DEADLINE_MS,
};

/** Plays a scenario with the default options of the client, but for its deadlines. */
export async function playScenario(scenario: Scenario): Promise<Verdict> {
  const { security = 'none', certificate: wanted, options = {} } = scenario;
  const trusted = await makeCertificate({ hosts: ['localhost'] });
  const shown = wanted === undefined ? trusted : await makeCertificate(wanted);
  const log: string[] = [];
  const violations: string[] = [];
  const onUnhandled = (reason: unknown): void => {
    violations.push(`unhandled rejection: ${String(reason)}`);
  };
  process.on('unhandledRejection', onUnhandled);
  const peers: Peer[] = [];
  const serving: Promise<unknown>[] = [];
  const listener = await listen({
    host: '127.0.0.1',
    port: 0,
    ...(security === 'tls' && { tls: shown }),
    onConnection: (transport) => {
      const peer = new Peer(transport, shown);
      peers.push(peer);
      serving.push(scenario.serve(peer).catch(() => {}));
    },
    onError: () => {},
  });
  const memory = watchMemory();
  const started = performance.now();
  const run = async (): Promise<unknown> => {
    const client = await connect({
      host: 'localhost',
      port: listener.port,
      security,
      tls: { ca: trusted.ca },
      auth: { user: 'alice', password: PASSWORD },
      timeouts: TIMEOUTS,
      logger: recordTo(log),
      ...options,
    });
    try {
      return await scenario.act?.(client);
    } finally {
      await client.close();
    }
  };
  const result = await withoutHanging(run().catch((error: unknown) => error));
  const milliseconds = performance.now() - started;
  const grownBytes = memory.stop();
  for (const peer of peers) peer.destroy();
  await listener.close();
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', onUnhandled);
  if (result === HUNG) violations.push('hung');
  const shownText = [inspect(result, { depth: 6, showHidden: true }), ...log].join('\n');
  if (SECRETS.some((secret) => shownText.includes(secret))) violations.push('a secret in an error or the log');
  if (security !== 'none' && SECRETS.some((secret) => peers.some(({ heardInClear }) => heardInClear.includes(secret))))
    violations.push('credentials before TLS');
  if (scenario.forbids !== undefined && peers.some(({ heard }) => scenario.forbids!.test(heard)))
    violations.push('sent what it must not send');
  if (peers.length > 1) violations.push('connected a second time');
  const isRight = matches(result, scenario.right, peers[0]);
  const why = isRight ? '' : inspect(result, { depth: 1 }).slice(0, 300);
  return { isRight: isRight && violations.length === 0, why, milliseconds, grownBytes, violations };
}

function matches(result: unknown, right: Scenario['right'], peer: Peer | undefined): boolean {
  if (typeof right === 'function') return peer !== undefined && right(result, peer);
  const code = MailError.is(result) ? result.code : result instanceof RangeError ? 'RangeError' : undefined;
  if (code === undefined) return false;
  return typeof right === 'string' ? code === right : right.test(code);
}

const HUNG = Symbol('hung');

function withoutHanging(work: Promise<unknown>): Promise<unknown> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(HUNG), HANG_MS);
    void work.then((result) => {
      clearTimeout(timer);
      resolve(result);
    });
  });
}

function recordTo(log: string[]): Logger {
  const record = (message: string, fields?: unknown): void => {
    log.push(`${message} ${inspect(fields)}`);
  };
  return { debug: record, info: record, warn: record, error: record };
}

function watchMemory(): { stop(): number } {
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  let highest = before;
  const look = (): void => {
    highest = Math.max(highest, process.memoryUsage().rss);
  };
  const timer = setInterval(look, 20);
  return {
    stop() {
      look();
      clearInterval(timer);
      return highest - before;
    },
  };
}
