import { accountId, type NewMessage } from '@posthorn/core';
import { generateMessages } from '@posthorn/corpus';
import { openMaildir } from '@posthorn/maildir';

const BATCH = 500;

/** Writes generated mail into the INBOX of a fresh Maildir. */
export async function fillMaildir(root: string, count: number, size: 'small' | 'realistic'): Promise<void> {
  const store = openMaildir(root, { fsync: false });
  const inbox = await (await store.open(accountId('bench'))).mailbox(['INBOX']);
  let batch: NewMessage[] = [];
  for (const { bytes, flags, internalDate } of generateMessages({ seed: 3, count, size })) {
    batch.push({ body: [bytes], flags, internalDate });
    if (batch.length === BATCH) {
      await inbox.append(batch);
      batch = [];
    }
  }
  if (batch.length > 0) await inbox.append(batch);
  await store.close();
}
