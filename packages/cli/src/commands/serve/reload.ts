import type { ServerIdentity } from '@posthorn/transport/serving';
import type { CommandContext } from '../../command-context.ts';
import { describeFailure } from '../../failure.ts';
import type { ServePlan } from './serve-plan.ts';
import { checkUsers, readIdentity } from './server-files.ts';

/** Takes what was read anew. */
export interface Reloadable {
  replaceTls(identity: ServerIdentity): void;
  reloadUsers(): Promise<void>;
}

/**
 * Reads certificate, key and users file again, and says what came of it. Each that cannot be used leaves the one before
 * in force.
 */
export async function reload(plan: ServePlan, target: Reloadable, { output }: CommandContext): Promise<void> {
  const steps: [what: string, step: () => Promise<void>][] = [];
  if (plan.tlsFiles !== undefined) {
    steps.push(['certificate', async () => target.replaceTls((await readIdentity(plan))!)]);
  }
  if (plan.options.users !== undefined) {
    steps.push([
      'users',
      async () => {
        await checkUsers(plan);
        await target.reloadUsers();
      },
    ]);
  }
  for (const [what, step] of steps) {
    try {
      await step();
      output.event({ event: 'reloaded', what });
      output.line(`read the ${what} again`);
    } catch (error) {
      const { code, message } = describeFailure(error);
      output.event({ event: 'reloadFailed', what, code, message });
      output.note(`posthorn: kept the ${what} from before: ${message}`);
    }
  }
}
