import type { RunningServer, ServerObserver } from '@posthorn/transport/serving';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ServedProtocolName } from './listen-at.ts';

/** From what a machine does at once to what people notice. */
const DURATIONS_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** What the servers of one process do, counted. Labels name protocols and commands, never users or addresses. */
export class ServerMetrics {
  readonly registry: Registry = new Registry();
  readonly #servers: { readonly protocol: ServedProtocolName; readonly server: RunningServer }[] = [];
  readonly #opened: Counter<'protocol'>;
  readonly #refused: Counter<'protocol'>;
  readonly #logins: Counter<'protocol' | 'result'>;
  readonly #commands: Counter<'protocol' | 'command' | 'status'>;
  readonly #durations: Histogram<'protocol' | 'command'>;
  readonly #errors: Counter<'protocol' | 'where'>;

  constructor() {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    const sumOf = (name: 'bytesRead' | 'bytesWritten') => {
      const servers = this.#servers;
      return function (this: Counter<'protocol'>): void {
        this.reset();
        for (const { protocol, server } of servers) this.inc({ protocol }, server[name]);
      };
    };
    const servers = this.#servers;
    new Gauge({
      name: 'posthorn_connections',
      help: 'Connections at this moment',
      labelNames: ['protocol'],
      registers,
      collect() {
        this.reset();
        for (const { protocol, server } of servers) this.inc({ protocol }, server.sessions);
      },
    });
    new Counter({
      name: 'posthorn_received_bytes_total',
      help: 'Octets received, without those of TLS',
      labelNames: ['protocol'],
      registers,
      collect: sumOf('bytesRead'),
    });
    new Counter({
      name: 'posthorn_sent_bytes_total',
      help: 'Octets sent, without those of TLS',
      labelNames: ['protocol'],
      registers,
      collect: sumOf('bytesWritten'),
    });
    this.#opened = new Counter({
      name: 'posthorn_connections_opened_total',
      help: 'Connections that were let in',
      labelNames: ['protocol'],
      registers,
    });
    this.#refused = new Counter({
      name: 'posthorn_connections_refused_total',
      help: 'Connections that were turned away because of a limit',
      labelNames: ['protocol'],
      registers,
    });
    this.#logins = new Counter({
      name: 'posthorn_logins_total',
      help: 'Logins: accepted, refused (name or password), limited (too many connections), failed (our fault)',
      labelNames: ['protocol', 'result'],
      registers,
    });
    this.#commands = new Counter({
      name: 'posthorn_commands_total',
      help: 'Commands by name and by how they were answered; invalid for what was not understood',
      labelNames: ['protocol', 'command', 'status'],
      registers,
    });
    this.#durations = new Histogram({
      name: 'posthorn_command_duration_seconds',
      help: 'Time from reading a command to having its answer',
      labelNames: ['protocol', 'command'],
      buckets: DURATIONS_SECONDS,
      registers,
    });
    this.#errors = new Counter({
      name: 'posthorn_errors_total',
      help: 'What went wrong on the side of the server: a command, or a whole session',
      labelNames: ['protocol', 'where'],
      registers,
    });
  }

  /** What the server of a protocol is given to be counted. */
  observer(protocol: ServedProtocolName): ServerObserver {
    return {
      connectionOpened: () => this.#opened.inc({ protocol }),
      connectionRefused: () => this.#refused.inc({ protocol }),
      login: (result) => this.#logins.inc({ protocol, result }),
      command: ({ name: command, status, milliseconds }) => {
        this.#commands.inc({ protocol, command, status });
        this.#durations.observe({ protocol, command }, milliseconds / 1_000);
      },
      error: (where) => this.#errors.inc({ protocol, where }),
    };
  }

  /** Asks a server, whenever metrics are asked for, how many connections it has, and their octets. */
  watch(protocol: ServedProtocolName, server: RunningServer): void {
    this.#servers.push({ protocol, server });
  }
}
