import { type Mailbox, type Uid, uid } from '@posthorn/core';
import { eightKilobytes } from './make-mail.ts';
import { setOf } from './sets.ts';
import type { Figures } from './task.ts';

const TIMES = 200;

/** Microseconds that single operations take in a mailbox, and opening and listing it for each of its messages. */
export async function curve(inbox: Mailbox, openMs: number): Promise<Figures> {
  const listed = performance.now();
  const { added, cursor } = await inbox.changes(undefined);
  const listMs = performance.now() - listed;
  const chosen = everyNth(added.map((message) => message.uid));
  const body = [eightKilobytes()];
  const append = await each(async () => {
    await inbox.append([{ body }]);
  });
  const flags = await each(async (index) => {
    await inbox.store(setOf([chosen[index]!]), 'add', ['\\Answered']);
  });
  const look = await each(async () => {
    await inbox.changes(cursor);
  });
  const expunge = await each(async (index) => {
    await inbox.expunge(setOf([chosen[index]!]));
  });
  const perMessage = 1_000 / added.length;
  return { select: openMs * perMessage, list: listMs * perMessage, append, flags, look, expunge };
}

/** As many as there are operations, spread over all. */
function everyNth(uids: readonly Uid[]): readonly Uid[] {
  return Array.from({ length: TIMES }, (_, index) => uids[Math.floor((index * uids.length) / TIMES)] ?? uid(1));
}

/** Microseconds for each. */
async function each(operation: (index: number) => Promise<void>): Promise<number> {
  const start = performance.now();
  for (let index = 0; index < TIMES; index++) await operation(index);
  return ((performance.now() - start) * 1_000) / TIMES;
}
