import type { Logger } from '@posthorn/core';
import { LoginGuard } from '@posthorn/transport/serving';
import { AggregatorRegistry } from 'prom-client';
import type { CommandContext } from '../../command-context.ts';
import { describeFailure } from '../../failure.ts';
import { portionOf } from './connection-limits.ts';
import type { MessageFromWorker, MessageToWorker } from './messages.ts';
import { ServerMetrics } from './metrics.ts';
import type { ServePlan } from './serve-plan.ts';
import { type Serving, startServing } from './serving.ts';

/**
 * Serves as one of several processes, until the first process says so, is gone, or a signal comes. What to serve with
 * comes from there too.
 */
export async function serveAsWorker(
  plan: ServePlan,
  logger: Logger,
  { signal, onHangUp }: CommandContext,
): Promise<void> {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  signal.addEventListener('abort', end, { once: true });
  process.once('disconnect', end);
  // A terminal that goes away tells every process; what is to be done then is the first one's to say.
  onHangUp(() => {});
  const limits = portionOf(plan.limits, plan.processes);
  const guard = new LoginGuard({ limits: plan.limits, tell: (event) => tell({ type: 'login', event }) });
  const metrics = plan.metrics === undefined ? undefined : new ServerMetrics();
  if (metrics !== undefined) answerMetrics(metrics);
  let serving: Promise<Serving> | undefined;

  const begin = async (message: Extract<MessageToWorker, { readonly type: 'serve' }>): Promise<void> => {
    serving = startServing(plan, { ...message, logger, metrics, loginGuard: guard, limits });
    try {
      tell({ type: 'listening', addresses: (await serving).addresses });
    } catch (error) {
      serving = undefined;
      tell({ type: 'failed', failure: describeFailure(error) });
      end();
    }
  };
  const obey = (message: MessageToWorker): void => {
    if (message.type === 'serve') void begin(message);
    else if (message.type === 'identity') void change((each) => each.replaceTls(message.identity));
    else if (message.type === 'users') void change((each) => each.reloadUsers());
    else if (message.type === 'stop') end();
    else if (message.type === 'login' && message.event !== undefined) guard.learn(message.from, message.event);
    else if (message.type === 'login') guard.forget(message.from);
  };
  /** Takes what the first process read, and found to make sense. */
  const change = async (take: (each: Serving) => Promise<void> | void): Promise<void> => {
    try {
      if (serving !== undefined) await take(await serving);
    } catch (error) {
      logger.error('kept what was read before', { reason: describeFailure(error).message });
    }
  };
  process.on('message', obey);
  tell({ type: 'ready' });
  if (!ending.signal.aborted) {
    await new Promise((resolve) => ending.signal.addEventListener('abort', resolve, { once: true }));
  }
  await serving?.then((each) => each.close()).catch(() => {});
  if (process.connected) process.disconnect();
}

function tell(message: MessageFromWorker): void {
  // Who is gone needs to know nothing.
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}

/** Answers the first process when it gathers metrics. */
function answerMetrics({ registry }: ServerMetrics): void {
  AggregatorRegistry.setRegistries(registry);
  // Making one is what listens for the questions; more of them add nothing.
  void new AggregatorRegistry();
}
