import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import type { Logger } from '@posthorn/core';
import type { ServerIdentity } from '@posthorn/transport/serving';
import { AggregatorRegistry } from 'prom-client';
import type { CommandContext } from '../../command-context.ts';
import { openStore } from '../../endpoint/open-store.ts';
import { describeFailure, ForwardedFailure } from '../../failure.ts';
import { announce } from './announce.ts';
import type { Address } from './listen-at.ts';
import type { MessageFromWorker, MessageToWorker } from './messages.ts';
import { type MetricsEndpoint, serveMetrics } from './metrics-endpoint.ts';
import type { ServeSecrets } from './one-process.ts';
import { prepareAccount } from './prepare-account.ts';
import { reload } from './reload.ts';
import type { ServePlan } from './serve-plan.ts';
import { checkUsers } from './server-files.ts';

/** Wait before a process that ended by itself is replaced; doubled each time it happens again soon. */
const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 30_000;
/** A process that lived so long was not started in vain. */
const SETTLED_MS = 60_000;

/**
 * Serves in several processes that share the ports, until interrupted: each has a store of its own, and learns of what
 * the others change as it learns of any other program's changes. This process serves nothing itself. It replaces those
 * that end, and passes on certificates and what guards logins.
 */
export async function serveInManyProcesses(
  plan: ServePlan,
  secrets: ServeSecrets,
  logger: Logger,
  context: CommandContext,
): Promise<void> {
  const { output, signal, onHangUp } = context;
  await checkStart(plan, context);
  const crew = new Crew(plan, secrets, logger, context.args);
  let endpoint: MetricsEndpoint | undefined;
  let forgetHangUps: () => void = () => {};
  try {
    const addresses = await crew.start(signal);
    if (addresses === undefined) return;
    if (plan.metrics !== undefined) {
      const registry = new AggregatorRegistry();
      endpoint = await serveMetrics(plan.metrics, {
        contentType: registry.contentType,
        text: () => registry.clusterMetrics(),
      });
    }
    forgetHangUps = onHangUp(() => void reload(plan, crew, context));
    announce(output, addresses, endpoint);
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    forgetHangUps();
    await crew.stop();
    await endpoint?.close();
  }
}

/** What cannot be used is said once, and not by every process. */
async function checkStart(plan: ServePlan, context: CommandContext): Promise<void> {
  await checkUsers(plan);
  const store = await openStore(plan.endpoint);
  try {
    await prepareAccount(plan, store, context);
  } finally {
    await store.close();
  }
}

/** The processes that serve. */
class Crew {
  readonly #plan: ServePlan;
  readonly #password: string;
  readonly #logger: Logger;
  readonly #args: readonly string[];
  readonly #workers = new Map<Worker, Promise<unknown>>();
  #identity: ServerIdentity | undefined;
  #delayMs = FIRST_DELAY_MS;
  readonly #replacing = new Set<NodeJS.Timeout>();
  #isStopping = false;

  constructor(plan: ServePlan, { password, identity }: ServeSecrets, logger: Logger, args: readonly string[]) {
    this.#plan = plan;
    this.#password = password;
    this.#identity = identity;
    this.#logger = logger;
    this.#args = args;
  }

  /** Where they all listen; undefined when interrupted. @throws {@link ForwardedFailure} of the first that cannot */
  async start(signal: AbortSignal): Promise<readonly Address[] | undefined> {
    cluster.setupPrimary({ args: [...this.#args] });
    const interrupted = signal.aborted ? Promise.resolve(undefined) : once(signal, 'abort').then(() => undefined);
    const all = Promise.all(Array.from({ length: this.#plan.processes }, () => this.#fork()));
    const listening = await Promise.race([all, interrupted]);
    return listening?.[0];
  }

  replaceTls(identity: ServerIdentity): void {
    this.#identity = identity;
    this.#tellAll({ type: 'identity', identity });
  }

  async reloadUsers(): Promise<void> {
    this.#tellAll({ type: 'users' });
  }

  /** Ends every process once its sessions are over. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const timer of this.#replacing) clearTimeout(timer);
    this.#tellAll({ type: 'stop' });
    await Promise.all(this.#workers.values());
  }

  /** Starts a process. Resolves to where it listens. */
  #fork(isReplacement = false): Promise<readonly Address[]> {
    const worker = cluster.fork();
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    this.#workers.set(worker, ended);
    const begun = Date.now();
    return new Promise((resolve, reject) => {
      let isListening = false;
      worker.on('error', (error) => this.#logger.error('a process cannot be reached', { error: error.message }));
      worker.on('message', (message: MessageFromWorker) => {
        if (message.type === 'ready') {
          tell(worker, { type: 'serve', password: this.#password, identity: this.#identity });
          if (this.#isStopping) tell(worker, { type: 'stop' });
        } else if (message.type === 'listening') {
          isListening = true;
          resolve(message.addresses);
        } else if (message.type === 'failed') reject(new ForwardedFailure(message.failure));
        else if (message.type === 'login') this.#tellAll({ ...message, from: String(worker.id) }, worker);
      });
      worker.once('exit', (status: number | null, name: string | null) => {
        this.#workers.delete(worker);
        this.#tellAll({ type: 'login', from: String(worker.id), event: undefined });
        reject(new Error(`a process ended before it served: ${name ?? `status ${status}`}`));
        if ((isListening || isReplacement) && !this.#isStopping) this.#replace(begun, status, name);
      });
    });
  }

  #replace(begun: number, status: number | null, name: string | null): void {
    if (Date.now() - begun > SETTLED_MS) this.#delayMs = FIRST_DELAY_MS;
    const delayMs = this.#delayMs;
    this.#delayMs = Math.min(2 * delayMs, MAX_DELAY_MS);
    const how = name ?? `status ${status}`;
    this.#logger.error('a process ended by itself and is replaced', { how, delayMs });
    const timer = setTimeout(() => {
      this.#replacing.delete(timer);
      this.#fork(true).catch((error: unknown) => {
        this.#logger.error('a process cannot be replaced', { error: describeFailure(error).message });
      });
    }, delayMs);
    this.#replacing.add(timer);
  }

  #tellAll(message: MessageToWorker, except?: Worker): void {
    for (const worker of this.#workers.keys()) if (worker !== except) tell(worker, message);
  }
}

function tell(worker: Worker, message: MessageToWorker): void {
  // A process that ends meanwhile needs to know nothing.
  if (worker.isConnected()) worker.send(message, () => {});
}
