import type { Account } from '@posthorn/core';
import type { DeletePolicy } from '@posthorn/pop3-client';
import { imapSource, pull, pullMaildrop, type SyncEvent, type SyncState } from '@posthorn/sync';
import type { CommandContext } from '../command-context.ts';
import { connectImap, type SourceConnectOptions } from '../endpoint/connect-imap.ts';
import { connectPop3 } from '../endpoint/connect-pop3.ts';
import type { ImapEndpoint, Pop3Endpoint } from '../endpoint/endpoint-url.ts';
import { UsageError } from '../failure.ts';

export interface PullSourceOptions extends SourceConnectOptions {
  readonly expunge: boolean;
  /** Per cent as given. */
  readonly maxExpunge?: string | undefined;
  /** Days as given. */
  readonly deleteAfter?: string | undefined;
  readonly leaveOnServer: boolean;
}

/** A source that is connected. */
export interface PullSource {
  /** Names the account; what the sync remembers is kept under it. */
  readonly name: string;
  pull(target: Account, state: SyncState): AsyncIterable<SyncEvent>;
  close(): Promise<void>;
  /** Drops the connection at once. */
  destroy(reason: unknown): void;
}

/** Connects to the source of a sync. */
export async function openSource(
  endpoint: ImapEndpoint | Pop3Endpoint,
  password: string,
  options: PullSourceOptions,
  context: CommandContext,
): Promise<PullSource> {
  const { signal } = context;
  if (endpoint.type === 'imap') {
    const name = `${endpoint.user}@${endpoint.host}`;
    const client = await connectImap(endpoint, password, options, context);
    const { expunge } = options;
    const maxExpungedShare = expungedShare(options);
    return {
      name,
      pull: (target, state) => pull(imapSource(client, name), target, { state, expunge, maxExpungedShare, signal }),
      close: () => client.close(),
      destroy: (reason) => client.destroy(reason),
    };
  }
  const policy = deletePolicy(options);
  const client = await connectPop3(endpoint, password, options, context);
  return {
    // Beside what is known of the same account by IMAP.
    name: `pop3-${endpoint.user}@${endpoint.host}`,
    pull: (target, state) => pullMaildrop(client, target, { state, policy, signal }),
    close: () => client.close(),
    destroy: (reason) => client.destroy(reason),
  };
}

/** Says in one line what does not go together, before anything is done. @throws {@link UsageError} */
export function checkSourceOptions(endpoint: ImapEndpoint | Pop3Endpoint, options: PullSourceOptions): void {
  const { deleteAfter, leaveOnServer, expunge } = options;
  if (expungedShare(options) !== undefined && !expunge) throw new UsageError('--max-expunge goes with --expunge');
  if (endpoint.type === 'pop3') {
    if (expunge) throw new UsageError('--expunge is for IMAP: from POP3 nothing is ever removed from the target');
    deletePolicy(options);
  } else if (deleteAfter !== undefined || leaveOnServer) {
    throw new UsageError('--delete-after and --leave-on-server are for POP3: from IMAP nothing is ever deleted');
  }
}

function deletePolicy({ deleteAfter }: PullSourceOptions): DeletePolicy {
  if (deleteAfter === undefined) return 'keep';
  if (!/^\d{1,5}$/.test(deleteAfter))
    throw new UsageError(`--delete-after takes days, such as 14, not "${deleteAfter}"`);
  return { deleteAfterDays: Number(deleteAfter) };
}

/** @throws {@link UsageError} */
function expungedShare({ maxExpunge }: PullSourceOptions): number | undefined {
  if (maxExpunge === undefined) return undefined;
  if (!/^\d{1,3}$/.test(maxExpunge) || Number(maxExpunge) > 100)
    throw new UsageError(`--max-expunge takes a number from 0 to 100, not "${maxExpunge}"`);
  return Number(maxExpunge) / 100;
}
