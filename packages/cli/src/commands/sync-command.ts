import { type Account, accountId } from '@posthorn/core';
import type { SyncEvent } from '@posthorn/sync';
import type { CommandContext } from '../command-context.ts';
import { type ImapEndpoint, type Pop3Endpoint, parseEndpoint, type StoreEndpoint } from '../endpoint/endpoint-url.ts';
import { openStore } from '../endpoint/open-store.ts';
import { findPassword, type PasswordOptions } from '../endpoint/password.ts';
import { openSyncState } from '../endpoint/sync-state.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { UsageError } from '../failure.ts';
import type { Output, SyncProgress } from '../output/output.ts';
import { bytesText, countText, durationText } from '../output/units.ts';
import { checkSourceOptions, openSource, type PullSource, type PullSourceOptions } from './pull-source.ts';

type Done = Extract<SyncEvent, { type: 'done' }>;

export interface SyncCommandOptions extends PasswordOptions, PullSourceOptions {}

/** `posthorn sync SOURCE TARGET` */
export async function syncCommand(
  sourceText: string,
  targetText: string,
  options: SyncCommandOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const [source, target] = endpoints(sourceText, targetText);
  checkSourceOptions(source, options);
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

function endpoints(
  sourceText: string,
  targetText: string,
): readonly [source: ImapEndpoint | Pop3Endpoint, target: StoreEndpoint] {
  const source = parseEndpoint(sourceText);
  const target = parseEndpoint(targetText);
  if (source.type !== 'imap' && source.type !== 'pop3')
    throw new UsageError(`the source must be an IMAP account or a POP3 maildrop, not ${sourceText}`);
  if (target.type === 'imap' || target.type === 'pop3')
    throw new UsageError(`the target must be a store, such as maildir:DIR or memory:, not an account on a server`);
  return [source, target];
}

async function run(
  endpoint: ImapEndpoint | Pop3Endpoint,
  target: StoreEndpoint,
  password: string,
  options: SyncCommandOptions,
  context: CommandContext,
): Promise<Done> {
  const { signal } = context;
  const source = await openSource(endpoint, password, options, context);
  // Who interrupts does not wait for a server that may have fallen silent.
  const interrupt = (): void => source.destroy(signal.reason);
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    const store = await openStore(target);
    try {
      const account = await store.open(accountId(endpoint.user), { signal });
      return await pullInto(account, target, source, context);
    } finally {
      await store.close();
    }
  } finally {
    signal.removeEventListener('abort', interrupt);
    if (!signal.aborted) await source.close();
  }
}

async function pullInto(
  account: Account,
  target: StoreEndpoint,
  source: PullSource,
  { signal, output }: CommandContext,
): Promise<Done> {
  const state = await openSyncState(target, source.name, signal);
  const progress = output.progress('Syncing');
  let done: Done;
  try {
    done = await follow(source.pull(account, state), progress, output);
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
    if (event.type === 'deletedAtSource')
      output.note(`posthorn: ${countText(event.messages, 'message')} deleted at the server`);
    if (event.type === 'expungeRefused') {
      output.note(
        `posthorn: ${event.path.join('/')}: ${event.gone} of ${countText(event.pulled, 'message')} are gone at the source, so none is removed; if that is right, raise --max-expunge`,
      );
    }
    if (event.type === 'messageFailed') {
      output.note(`posthorn: ${event.path.join('/')}: message ${event.uid}: ${event.reason}`);
    }
  }
  throw new TypeError('the sync ended without saying so');
}
