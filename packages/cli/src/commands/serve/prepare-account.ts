import { type Account, accountId, type MailStore, StoreError } from '@posthorn/core';
import { loadMail } from '@posthorn/memory/load';
import type { CommandContext } from '../../command-context.ts';
import { UsageError } from '../../failure.ts';
import { countText } from '../../output/units.ts';
import type { ServePlan } from './serve-plan.ts';

/** Opens the one account, so that a store that cannot be used fails at the start and not at the first login. */
export async function prepareAccount(plan: ServePlan, store: MailStore, context: CommandContext): Promise<void> {
  const { user, seed, pop3Mailbox } = plan.options;
  if (user === undefined) return;
  const { output, signal } = context;
  const account = await store.open(accountId(user), { signal });
  if (seed !== undefined) {
    const { messages, mailboxes } = await loadMail(account, seed, { signal });
    const into = countText(mailboxes, 'mailbox', 'mailboxes');
    output.line(`loaded ${countText(messages, 'message')} into ${into} from ${seed}`);
  }
  if (pop3Mailbox !== undefined) await checkMailbox(account, plan, pop3Mailbox);
}

async function checkMailbox(account: Account, { mailbox }: ServePlan, name: string): Promise<void> {
  try {
    await account.mailbox(mailbox);
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'STORE_NONEXISTENT') throw error;
    throw new UsageError(`the store has no mailbox ${name} for --pop3-mailbox`);
  }
}
