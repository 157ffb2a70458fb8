import { type Account, accountId } from '@posthorn/core';
import type { ImapClient } from '@posthorn/imap-client';
import { imapSource, pull, type SyncEvent } from '@posthorn/sync';
import type { CommandContext } from '../command-context.ts';
import { connectImap } from '../endpoint/connect-imap.ts';
import { type ImapEndpoint, parseEndpoint, type StoreEndpoint } from '../endpoint/endpoint-url.ts';
import { openStore } from '../endpoint/open-store.ts';
import { findPassword, type PasswordOptions } from '../endpoint/password.ts';
import { openSyncState } from '../endpoint/sync-state.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { UsageError } from '../failure.ts';
import type { Output, SyncProgress } from '../output/output.ts';
import { bytesText, countText, durationText } from '../output/units.ts';

type Done = Extract<SyncEvent, { type: 'done' }>;

export interface SyncCommandOptions extends PasswordOptions {
  readonly plaintext: boolean;
  readonly tlsCa?: string | undefined;
  readonly expunge: boolean;
}

/** `posthorn sync SOURCE TARGET` */
export async function syncCommand(
  sourceText: string,
  targetText: string,
  options: SyncCommandOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const [source, target] = endpoints(sourceText, targetText);
  const password = await findPassword(source.user, options, {
    variables: ['POSTHORN_SOURCE_PASSWORD', 'POSTHORN_PASSWORD'],
    signal: context.signal,
  });
  const started = performance.now();
  const done = await run(source, target, password, options, context);
  const { mailboxes, added, flagsChanged, removed, bytes, failed } = done;
  const time = durationText(performance.now() - started);
  context.output.line(
    `${countText(mailboxes, 'mailbox', 'mailboxes')} in step: ${countText(added, 'message')} added (${bytesText(bytes)}), ${flagsChanged} flags changed, ${removed} removed, in ${time}`,
  );
  if (failed === 0) return EXIT.done;
  context.output.note(`posthorn: ${failed} could not be brought over; run the command again to try them anew`);
  return EXIT.failed;
}

function endpoints(sourceText: string, targetText: string): readonly [ImapEndpoint, StoreEndpoint] {
  const source = parseEndpoint(sourceText);
  const target = parseEndpoint(targetText);
  if (source.type !== 'imap') throw new UsageError(`the source must be an IMAP account, not ${sourceText}`);
  if (target.type === 'imap') throw new UsageError(`the target must be maildir:DIR or memory:, not an IMAP account`);
  return [source, target];
}

async function run(
  endpoint: ImapEndpoint,
  target: StoreEndpoint,
  password: string,
  options: SyncCommandOptions,
  context: CommandContext,
): Promise<Done> {
  const { signal } = context;
  const client = await connectImap(endpoint, password, options, context);
  // Who interrupts does not wait for a server that may have fallen silent.
  const interrupt = (): void => client.destroy(signal.reason);
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    const store = openStore(target);
    try {
      const account = await store.open(accountId(endpoint.user), { signal });
      return await pullInto(account, endpoint, target, client, options, context);
    } finally {
      await store.close();
    }
  } finally {
    signal.removeEventListener('abort', interrupt);
    if (!signal.aborted) await client.close();
  }
}

async function pullInto(
  account: Account,
  endpoint: ImapEndpoint,
  target: StoreEndpoint,
  client: ImapClient,
  { expunge }: SyncCommandOptions,
  { signal, output }: CommandContext,
): Promise<Done> {
  const name = `${endpoint.user}@${endpoint.host}`;
  const state = await openSyncState(target, name, signal);
  const progress = output.progress('Syncing');
  let done: Done;
  try {
    done = await follow(pull(imapSource(client, name), account, { state, expunge, signal }), progress, output);
  } catch (error) {
    // What went wrong first is what counts; the state is whole without being tidied up.
    await state.close().catch(() => {});
    throw error;
  } finally {
    progress.stop();
  }
  await state.close();
  return done;
}

/** Shows how a sync goes on. */
async function follow(events: AsyncIterable<SyncEvent>, progress: SyncProgress, output: Output): Promise<Done> {
  for await (const event of events) {
    progress.update(event);
    if (event.type === 'done') return event;
    if (event.type === 'warning') output.note(`posthorn: ${event.path.join('/')}: ${event.message}`);
    if (event.type === 'messageFailed') {
      output.note(`posthorn: ${event.path.join('/')}: message ${event.uid}: ${event.reason}`);
    }
  }
  throw new TypeError('the sync ended without saying so');
}
