import { once } from 'node:events';
import type { Logger } from '@posthorn/core';
import { LoginGuard, type ServerIdentity } from '@posthorn/transport/serving';
import type { CommandContext } from '../../command-context.ts';
import { announce } from './announce.ts';
import { ServerMetrics } from './metrics.ts';
import { type MetricsEndpoint, serveMetrics } from './metrics-endpoint.ts';
import { prepareAccount } from './prepare-account.ts';
import { reload } from './reload.ts';
import type { ServePlan } from './serve-plan.ts';
import { startServing } from './serving.ts';

export interface ServeSecrets {
  /** Of the one user, when there is one. */
  readonly password: string;
  readonly identity: ServerIdentity | undefined;
}

/** Serves in this very process, until it is interrupted. */
export async function serveInOneProcess(
  plan: ServePlan,
  secrets: ServeSecrets,
  logger: Logger,
  context: CommandContext,
): Promise<void> {
  const { output, signal, onHangUp } = context;
  const metrics = plan.metrics === undefined ? undefined : new ServerMetrics();
  const { limits } = plan;
  const serving = await startServing(plan, {
    ...secrets,
    logger,
    metrics,
    limits,
    loginGuard: new LoginGuard({ limits }),
    prepare: (store) => prepareAccount(plan, store, context),
  });
  let endpoint: MetricsEndpoint | undefined;
  let forgetHangUps: () => void = () => {};
  try {
    if (plan.metrics !== undefined && metrics !== undefined) {
      const { registry } = metrics;
      endpoint = await serveMetrics(plan.metrics, {
        contentType: registry.contentType,
        text: () => registry.metrics(),
      });
    }
    forgetHangUps = onHangUp(() => void reload(plan, serving, context));
    announce(output, serving.addresses, endpoint);
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    forgetHangUps();
    await serving.close();
    await endpoint?.close();
  }
}
