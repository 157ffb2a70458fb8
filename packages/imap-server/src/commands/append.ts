import type { AppendOptions, AppendResult, Mailbox, Uid, UidSet } from '@posthorn/core';
import { setOf } from '@posthorn/message-set';
import type { ResponseCode } from '@posthorn/wire';
import { inOrder } from '../replies/ordered-set.ts';
import { bad, CommandRefused, type Completion, no, ok, untagged } from '../replies/replies.ts';
import type { Session } from '../session/session.ts';
import { mayRemove, rightsOn } from '../sharing/rights.ts';
import type { CommandOf } from './command-of.ts';
import { targetPath, tryingToCreate } from './mailboxes.ts';
import { type AnnouncedOctets, MessageFeed } from './message-feed.ts';

/**
 * Streams messages into the store as they arrive.
 * @see RFC 9051 section 6.3.12, RFC 3502, RFC 4469
 */
export async function append(
  session: Session,
  command: CommandOf<'APPEND'>,
  literal?: AnnouncedOctets,
): Promise<Completion> {
  return feeding(session, command, literal, async (feed) => {
    const { result } = await add(session, command, feed);
    return ok('APPEND completed', appendUid(result));
  });
}

/**
 * Puts a message in the place of another one.
 * @see RFC 8508
 */
export async function replace(
  session: Session,
  command: CommandOf<'REPLACE'>,
  literal?: AnnouncedOctets,
): Promise<Completion> {
  return feeding(session, command, literal, async (feed) => {
    const selected = session.openMailbox();
    if (selected.isReadOnly) throw new CommandRefused(no('The mailbox is read-only', 'READ-ONLY'));
    if (!mayRemove(selected.rights)) throw new CommandRefused(no('You may not remove messages', 'NOPERM'));
    const replaced = await replacedMessage(session, command);
    const freed = await roomOf(selected.mailbox, replaced, session.signal);
    const { result, target } = await add(session, command, feed, freed);
    await removeReplaced(selected.mailbox, replaced, { result, target });
    session.output.send(untagged('OK', 'The new message is there', appendUid(result)));
    return { ...ok('Replaced'), tellsModSeq: true };
  });
}

interface Added {
  readonly result: AppendResult;
  readonly target: Mailbox;
}

/** Runs what takes a command's messages. When it fails, the rest of the command is dropped. */
async function feeding(
  session: Session,
  command: CommandOf<'APPEND' | 'REPLACE'>,
  literal: AnnouncedOctets | undefined,
  work: (feed: MessageFeed) => Promise<Completion>,
): Promise<Completion> {
  const feed = new MessageFeed(session, command, literal);
  try {
    return await work(feed);
  } catch (error) {
    // The client sends the rest all the same.
    await feed.skip();
    throw error;
  }
}

async function add(
  session: Session,
  { mailbox }: CommandOf<'APPEND' | 'REPLACE'>,
  feed: MessageFeed,
  freed?: AppendOptions['freed'],
): Promise<Added> {
  const { signal } = session;
  const [account, path] = [session.openAccount(), targetPath(session, mailbox)];
  const target = await tryingToCreate(account.mailbox(path, { signal }));
  feed.rights = await rightsOn(account, path, { signal });
  if (!feed.rights.includes('i')) throw new CommandRefused(no('You may not add messages to it', 'NOPERM'));
  if (target.isReadOnly) throw new CommandRefused(no('The mailbox is read-only', 'NOPERM'));
  return { result: await tryingToCreate(target.append(feed, { signal, freed })), target };
}

async function replacedMessage(session: Session, { replaces }: CommandOf<'REPLACE'>): Promise<UidSet> {
  const selected = session.openMailbox();
  const { view } = selected;
  await selected.refresh(session.signal);
  await session.send(view.announce());
  const numbers =
    replaces.type === 'uid'
      ? view.resolve({ type: 'uids', set: { ranges: [{ first: replaces.uid, last: replaces.uid }] } })
      : view.resolve({
          type: 'sequenceNumbers',
          set: { ranges: [{ first: replaces.sequenceNumber, last: replaces.sequenceNumber }] },
        });
  if (numbers === undefined) throw new CommandRefused(bad('Invalid messageset: there is no message with that number'));
  const uids = view.uidsOf(numbers);
  if (uids.bounds.length === 0 || view.hasVanishedIn(uids)) {
    throw new CommandRefused(no('The message to replace does not exist', 'EXPUNGEISSUED'));
  }
  return uids;
}

/** What removing messages gives back: only what a replacement needs beyond it has to fit. @see RFC 8508 section 3.1 */
async function roomOf(mailbox: Mailbox, uids: UidSet, signal: AbortSignal): Promise<AppendOptions['freed']> {
  const freed = { storage: 0, messages: 0 };
  for await (const { size } of mailbox.scan(uids, ['size'], { signal })) {
    freed.storage += size;
    freed.messages++;
  }
  return freed;
}

/** Takes the old message away. When that fails the new one goes too: there is never one of them too many. */
async function removeReplaced(mailbox: Mailbox, replaced: UidSet, { result, target }: Added): Promise<void> {
  try {
    await mailbox.expunge(replaced);
  } catch (error) {
    await target.expunge(setOf<Uid>(result.uids));
    throw error;
  }
}

function appendUid({ uidValidity, uids }: AppendResult): ResponseCode {
  return { type: 'appendUid', uidValidity, uids: inOrder(uids) };
}
