import { type Flag, type FlagOperation, type Mailbox, uid } from '@posthorn/core';
import { setOf } from '@posthorn/message-set';
import { expect, it } from 'vitest';
import { all, EVERY, mail, openInbox, scratchDirectory } from './support.ts';

const COUNT = 20;

interface Opened {
  readonly inbox: Mailbox;
  /** Locks of the mailbox that were made. */
  readonly locks: () => number;
  /** Makes the next rename of a file with this in its name fail. */
  readonly failAt: (part: string) => void;
}

async function opened(): Promise<Opened> {
  let locks = 0;
  let broken: string | undefined;
  const inbox = await openInbox(scratchDirectory(), {
    fault: ({ operation, path }) => {
      if (operation === 'create' && path.endsWith('dovecot-uidlist.lock')) locks++;
      if (operation !== 'rename' || broken === undefined || !path.includes(broken)) return;
      throw Object.assign(new Error('the disk failed'), { code: 'EIO', syscall: 'rename' });
    },
  });
  await inbox.append(Array.from({ length: COUNT }, (_, index) => ({ body: [mail(`${index}`)], flags: ['\\Seen'] })));
  locks = 0;
  return { inbox, locks: () => locks, failAt: (part) => (broken = part) };
}

function store(inbox: Mailbox, id: number, operation: FlagOperation, flag: Flag, signal?: AbortSignal) {
  return inbox.store(setOf([uid(id)]), operation, [flag], { signal });
}

async function flagsOf(inbox: Mailbox): Promise<readonly (readonly Flag[])[]> {
  return (await all(inbox.scan(EVERY, ['flags']))).map(({ flags }) => flags.toSorted());
}

it('makes what is asked for at once under one lock, each with its own result', async () => {
  const { inbox, locks } = await opened();
  const ids = Array.from({ length: COUNT }, (_, index) => index + 1);
  const results = await Promise.all(ids.map((id) => store(inbox, id, 'add', id % 2 === 0 ? '\\Flagged' : '\\Draft')));
  expect(results.map(({ stored }) => stored.map((message) => message.uid))).toEqual(ids.map((id) => [id]));
  expect(await flagsOf(inbox)).toEqual(ids.map((id) => [id % 2 === 0 ? '\\Flagged' : '\\Draft', '\\Seen']));
  expect(locks()).toBe(1);
});

it('keeps to the order in which changes of one message were asked for', async () => {
  const { inbox } = await opened();
  await Promise.all([
    store(inbox, 1, 'replace', '\\Flagged'),
    store(inbox, 1, 'add', '\\Answered'),
    store(inbox, 1, 'remove', '\\Flagged'),
    inbox.expunge(setOf([uid(2)])),
  ]);
  const [first, second] = await all(inbox.scan(EVERY, ['flags']));
  expect([first?.flags, second?.uid]).toEqual([['\\Answered'], 3]);
});

it('lets a change that fails, or is given up, stand for itself', async () => {
  const { inbox, failAt } = await opened();
  failAt(',S=');
  const failing = store(inbox, 1, 'add', '\\Flagged');
  const idle = store(inbox, 2, 'add', '\\Seen');
  const controller = new AbortController();
  const givenUp = store(inbox, 3, 'add', '\\Flagged', controller.signal);
  controller.abort(new Error('no more'));
  const outcomes = await Promise.allSettled([failing, idle, givenUp]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected']);
  failAt('nowhere');
  await store(inbox, 4, 'add', '\\Flagged');
  expect((await flagsOf(inbox)).slice(0, 4)).toEqual([['\\Seen'], ['\\Seen'], ['\\Seen'], ['\\Flagged', '\\Seen']]);
});
