import type { AccountId, MailStore, NewMessage } from '@posthorn/core';
import { generateMessages } from '@posthorn/corpus';

const BATCH = 500;

/** What an account holds: messages of the INBOX, and of each of some mailboxes called Box0, Box1 and so on. */
export interface MailPlan {
  readonly size: 'small' | 'realistic';
  readonly inbox: number;
  readonly mailboxes: number;
  readonly messages: number;
}

/** Fills a fresh account with generated mail. */
export async function fillAccount(store: MailStore, id: AccountId, plan: MailPlan): Promise<void> {
  const account = await store.open(id);
  const fill = async (path: readonly [string], count: number, seed: number): Promise<void> => {
    const mailbox = await account.mailbox(path);
    let batch: NewMessage[] = [];
    for (const { bytes, flags, internalDate } of generateMessages({ seed, count, size: plan.size })) {
      batch.push({ body: [bytes], flags, internalDate });
      if (batch.length < BATCH) continue;
      await mailbox.append(batch);
      batch = [];
    }
    if (batch.length > 0) await mailbox.append(batch);
  };
  await fill(['INBOX'], plan.inbox, 3);
  for (let index = 0; index < plan.mailboxes; index++) {
    await account.create([`Box${index}`]);
    await fill([`Box${index}`], plan.messages, 100 + index);
  }
  await account.close();
}
