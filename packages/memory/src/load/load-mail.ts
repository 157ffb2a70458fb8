import type { AbortOptions, Account, Mailbox, MailboxPath, NewMessage } from '@posthorn/core';
import { StoreError } from '@posthorn/core';
import { emlMailboxes } from './eml-folder.ts';
import { isMaildir, maildirMailboxes } from './maildir-folder.ts';

export interface LoadMailOptions extends AbortOptions {
  /** What the directory is. @defaultValue a Maildir when it holds `cur` and `new`, otherwise a folder of `.eml` files */
  readonly format?: 'eml' | 'maildir' | undefined;
  /**
   * What becomes of a bare LF in a file of a folder of `.eml` files: it stays, or becomes the CRLF that it was before
   * somebody put the file under version control. @defaultValue 'kept'
   */
  readonly lineEnds?: 'kept' | 'crlf' | undefined;
  /** Messages appended in one step. @defaultValue 64 */
  readonly batchSize?: number | undefined;
}

/** What was loaded. */
export interface LoadedMail {
  readonly mailboxes: number;
  readonly messages: number;
  /** Octets of all messages, as they are in the account. */
  readonly bytes: number;
}

/** A mailbox that was found on disk. */
export interface FoundMailbox {
  readonly path: MailboxPath;
  /** In the order they are to be appended. Bodies are opened only when they are read. */
  readonly messages: AsyncIterable<NewMessage>;
}

/**
 * Appends the mail of a directory to an account of any store. Bodies are streamed, so memory stays bounded.
 *
 * A folder of `.eml` files goes to INBOX and each folder in it to the mailbox of that name, files in natural order
 * of their names and octet for octet unless `lineEnds` says otherwise, dated by the newest Received field, else Date, else the file. A Maildir, with
 * its Maildir++ folders, brings flags and keywords from its names and dates from its files; bare LF becomes CRLF.
 * Neither is changed. Missing mailboxes are created; messages are added to those that exist.
 *
 * An abort, or a failure, leaves the batches that were appended before.
 */
export async function loadMail(
  account: Account,
  directory: string,
  { format, lineEnds = 'kept', batchSize = 64, signal }: LoadMailOptions = {},
): Promise<LoadedMail> {
  const isMail = (format ?? ((await isMaildir(directory)) ? 'maildir' : 'eml')) === 'maildir';
  const found = isMail ? maildirMailboxes(directory) : emlMailboxes(directory, lineEnds);
  const loaded = { mailboxes: 0, messages: 0, bytes: 0 };
  for await (const { path, messages } of found) {
    const mailbox = await openOrCreate(account, path, signal);
    loaded.mailboxes++;
    for await (const batch of batches(messages, batchSize)) {
      const counted = batch.map((message) => ({
        ...message,
        body: counting(message.body, (size) => (loaded.bytes += size)),
      }));
      await mailbox.append(counted, { signal });
      loaded.messages += batch.length;
    }
  }
  return loaded;
}

async function openOrCreate(account: Account, path: MailboxPath, signal: AbortSignal | undefined): Promise<Mailbox> {
  try {
    return await account.mailbox(path, { signal });
  } catch (error) {
    if (!(StoreError.is(error) && error.code === 'STORE_NONEXISTENT')) throw error;
    await account.create(path, { signal });
    return account.mailbox(path, { signal });
  }
}

async function* batches<Item>(items: AsyncIterable<Item>, size: number): AsyncIterable<readonly Item[]> {
  let batch: Item[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

async function* counting(body: NewMessage['body'], count: (size: number) => void): AsyncIterable<Uint8Array> {
  for await (const chunk of body) {
    count(chunk.length);
    yield chunk;
  }
}
