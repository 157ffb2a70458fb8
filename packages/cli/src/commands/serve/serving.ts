import type { Logger, MailStore } from '@posthorn/core';
import type { LoginGuard, RunningServer, ServerIdentity } from '@posthorn/transport/serving';
import { openStore } from '../../endpoint/open-store.ts';
import { type Address, type CommonServerOptions, listenAt } from './listen-at.ts';
import type { ServerMetrics } from './metrics.ts';
import type { ServePlan } from './serve-plan.ts';
import { openGate } from './server-files.ts';

/** What one process serves with. */
export interface ServingOptions {
  /** Of the one user, when there is one. */
  readonly password: string;
  readonly identity: ServerIdentity | undefined;
  readonly logger: Logger;
  readonly metrics: ServerMetrics | undefined;
  readonly loginGuard: LoginGuard;
  readonly limits: NonNullable<CommonServerOptions['limits']>;
  /** Done before anybody is let in. */
  readonly prepare?: (store: MailStore) => Promise<void>;
}

/** The servers of one process over its store. */
export interface Serving {
  readonly addresses: readonly Address[];
  /** New connections get this certificate. */
  replaceTls(identity: ServerIdentity): void;
  /** Reads the users file again. */
  reloadUsers(): Promise<void>;
  /** Ends every session, then closes the store. */
  close(): Promise<void>;
}

/** Opens the store and starts a server for each address; all of them or none. */
export async function startServing(plan: ServePlan, options: ServingOptions): Promise<Serving> {
  const { password, identity, logger, metrics, loginGuard, limits, prepare } = options;
  const gate = await openGate(plan, password, logger);
  const store = await openStore(plan.endpoint, plan.options.user === undefined ? 'per-user' : 'single');
  const servers: RunningServer[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.close()));
    await store.close();
  };
  const common: CommonServerOptions = {
    store,
    authenticator: gate.authenticator,
    tls: identity,
    allowInsecureAuth: plan.options.allowInsecureAuth,
    logger,
    loginGuard,
    limits,
    mechanisms: { scramHashes: plan.scramHashes },
    isStoreShared: plan.processes > 1,
  };
  const addresses: Address[] = [];
  try {
    await prepare?.(store);
    for (const address of plan.addresses) {
      const { protocol } = address;
      const server = await listenAt(address, { ...common, observer: metrics?.observer(protocol) }, plan.mailbox);
      servers.push(server);
      metrics?.watch(protocol, server);
      addresses.push({ protocol, host: server.host, port: server.port });
    }
  } catch (error) {
    await close();
    throw error;
  }
  const replaceTls = (next: ServerIdentity): void => {
    for (const server of servers) server.replaceTls(next);
  };
  return { addresses, replaceTls, reloadUsers: () => gate.reload(), close };
}
