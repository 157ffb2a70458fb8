import {
  type Account,
  accountId,
  collectBytes,
  type Flag,
  MAX_ID,
  type MailboxPath,
  uid,
  utf8Bytes,
} from '@posthorn/core';
import { memoryStore } from '@posthorn/memory';
import { rangeSet } from '@posthorn/message-set';
import type { SyncEvent } from '../src/index.ts';

export const INBOX: MailboxPath = ['INBOX'];
export const EVERYTHING = rangeSet(uid(1), uid(MAX_ID));

/** A fresh account in memory. */
export async function freshAccount(options: Parameters<typeof memoryStore>[0] = {}): Promise<Account> {
  return memoryStore(options).open(accountId('alice'));
}

/** Adds messages with the texts given. */
export async function deliver(
  account: Account,
  path: MailboxPath,
  texts: readonly string[],
  flags: readonly Flag[] = [],
) {
  const mailbox = await account.mailbox(path);
  const internalDate = { epochSeconds: 1_700_000_000, offsetMinutes: 60 };
  return mailbox.append(texts.map((text) => ({ body: [utf8Bytes(text)], flags, internalDate })));
}

/** Everything in an account that a sync is to keep, by mailbox and UID. */
export async function contentOf(account: Account): Promise<Record<string, unknown>> {
  const content: Record<string, unknown> = {};
  for (const { path, isSelectable } of await account.list()) {
    if (!isSelectable) continue;
    const mailbox = await account.mailbox(path);
    const messages: Record<string, unknown> = {};
    for await (const { uid, flags, internalDate } of mailbox.scan(EVERYTHING, ['flags', 'internalDate'])) {
      const body = await mailbox.read(uid);
      const text = new TextDecoder().decode(await collectBytes(body.stream()));
      messages[uid] = { text, flags: [...flags].sort(), seconds: internalDate.epochSeconds };
      await body.release();
    }
    content[path.join('/')] = { uidValidity: mailbox.uidValidity, messages };
  }
  return content;
}

/** The texts of a mailbox in the order of their UIDs. */
export async function textsOf(account: Account, path: MailboxPath = INBOX): Promise<readonly string[]> {
  const mailbox = await account.mailbox(path);
  const texts: string[] = [];
  for await (const { uid } of mailbox.scan(EVERYTHING, [])) {
    const body = await mailbox.read(uid);
    texts.push(new TextDecoder().decode(await collectBytes(body.stream())));
    await body.release();
  }
  return texts;
}

/** Runs a sync to its end. @returns Its last event, and all of them. */
export async function finish(run: AsyncIterable<SyncEvent>) {
  const events: SyncEvent[] = [];
  for await (const event of run) events.push(event);
  const done = events.at(-1);
  if (done?.type !== 'done') throw new TypeError('the last event is not "done"');
  return { done, events };
}
