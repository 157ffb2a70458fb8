import cluster from 'node:cluster';
import type { CommandContext } from '../../command-context.ts';
import { findPassword } from '../../endpoint/password.ts';
import { EXIT, type ExitCode } from '../../exit-code.ts';
import { serveInManyProcesses } from './many-processes.ts';
import { type ServeSecrets, serveInOneProcess } from './one-process.ts';
import { serveLog } from './serve-log.ts';
import { planOf, type ServeCommandOptions, type ServePlan } from './serve-plan.ts';
import { readIdentity } from './server-files.ts';
import { serveAsWorker } from './worker.ts';

/** `posthorn serve`: serves a store until it is interrupted. */
export async function serveCommand(options: ServeCommandOptions, context: CommandContext): Promise<ExitCode> {
  const plan = planOf(options);
  const logger = serveLog(options, context);
  if (cluster.isWorker) await serveAsWorker(plan, logger, context);
  else {
    const serve = plan.processes > 1 ? serveInManyProcesses : serveInOneProcess;
    await serve(plan, await findSecrets(plan, context), logger, context);
  }
  return EXIT.done;
}

async function findSecrets(plan: ServePlan, { signal }: CommandContext): Promise<ServeSecrets> {
  const identity = await readIdentity(plan);
  const { options } = plan;
  const { user } = options;
  if (user === undefined) return { password: '', identity };
  return { password: await findPassword(user, options, { variables: ['POSTHORN_PASSWORD'], signal }), identity };
}
