import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Account, MailError, type Transport, uid } from '@posthorn/core';
import { memoryStore } from '@posthorn/memory';
import { setOf } from '@posthorn/message-set';
import { connect } from '@posthorn/pop3-client';
import { randomNumbers, type ScriptedMail, ScriptedMaildrop } from '@posthorn/testkit';
import { memoryPair } from '@posthorn/transport';
import { describe, expect, it } from 'vitest';
import { fileState, memoryState, type PullMaildropOptions, pullMaildrop, type SyncEvent } from '../src/index.ts';
import { deliver, freshAccount, INBOX, textsOf } from './accounts.ts';

const DAY = 86_400_000;
const mail = (id: string, body = id): ScriptedMail => ({ id, text: `Subject: ${id}\r\n\r\n${body}\r\n` });

/** One session: connects, pulls, and drops the connection whatever happened. */
async function pull(
  drop: ScriptedMaildrop,
  target: Account,
  options: PullMaildropOptions = {},
  watch: (event: SyncEvent, transport: Transport) => void = () => {},
): Promise<{ done: Extract<SyncEvent, { type: 'done' }>; events: SyncEvent[] }> {
  const [transport, theirs] = memoryPair();
  const served = drop.play(theirs);
  const auth = { user: 'mrose', password: 'tanstaaf' };
  const client = await connect({ transport, auth, allowInsecureAuth: true });
  const events: SyncEvent[] = [];
  try {
    for await (const event of pullMaildrop(client, target, options)) {
      events.push(event);
      watch(event, transport);
    }
  } finally {
    client.destroy();
    await served;
  }
  const done = events.at(-1);
  if (done?.type !== 'done') throw new TypeError('the last event is not "done"');
  return { done, events };
}

const three = [mail('a'), mail('b'), mail('c')];
const texts = three.map(({ text }) => text);

describe('a maildrop', () => {
  it('is brought into the INBOX once, octet by octet', async () => {
    const drop = new ScriptedMaildrop(three);
    const target = await freshAccount();
    const state = memoryState();
    const { done, events } = await pull(drop, target, { state });
    expect(events.map(({ type }) => type)).toEqual(['listed', 'mailboxStart', 'progress', 'mailboxDone', 'done']);
    expect(done).toMatchObject({ mailboxes: 1, added: 3, bytes: texts.join('').length, failed: 0 });
    expect(await textsOf(target)).toEqual(texts);
    expect((await pull(drop, target, { state })).done).toMatchObject({ added: 0, bytes: 0 });
    drop.mail = [mail('d'), ...drop.mail];
    expect((await pull(drop, target, { state })).done.added).toBe(1);
    expect(await textsOf(target)).toEqual([...texts, mail('d').text]);
    expect(drop.lines.some((line) => line.startsWith('DELE'))).toBe(false);
  });

  it('is not stored again when the memory is lost', async () => {
    const drop = new ScriptedMaildrop([...three, mail('a')]);
    const target = await freshAccount();
    await pull(drop, target);
    expect((await pull(drop, target)).done).toMatchObject({ added: 0 });
    expect(await textsOf(target)).toEqual([...texts, mail('a').text]);
  });

  it('is brought again into a target that is not the one of before', async () => {
    const drop = new ScriptedMaildrop(three);
    const state = memoryState();
    await pull(drop, await freshAccount(), { state });
    const other = await freshAccount();
    await other.create(INBOX, { uidValidity: 99_999 as never });
    expect((await pull(drop, other, { state })).done.added).toBe(3);
  });

  it('does not bring back what was removed from the target', async () => {
    const drop = new ScriptedMaildrop(three);
    const target = await freshAccount();
    const state = memoryState();
    await pull(drop, target, { state });
    await (await target.mailbox(INBOX)).expunge(setOf([uid(2)]));
    expect((await pull(drop, target, { state })).done.added).toBe(0);
    expect(await textsOf(target)).toHaveLength(2);
  });

  it('leaves other mail of the target alone, and takes none of it for its own but the same', async () => {
    const target = await freshAccount();
    await deliver(target, INBOX, ['something else', mail('b').text]);
    const drop = new ScriptedMaildrop(three);
    expect((await pull(drop, target)).done.added).toBe(2);
    expect(await textsOf(target)).toEqual(['something else', mail('b').text, mail('a').text, mail('c').text]);
  });

  it.each([1, 10, 60])('streams what is bigger than %d octets', async (batchBytes) => {
    const drop = new ScriptedMaildrop([
      mail('a'),
      mail('big', 'x'.repeat(200_000)),
      mail('c'),
      mail('more', 'y'.repeat(70)),
    ]);
    const target = await freshAccount();
    const state = memoryState();
    await pull(drop, target, { state, batchBytes, batchMessages: 2 });
    const all = drop.mail.map(({ text }) => text);
    expect(await textsOf(target)).toEqual(all);
    // Without memory, the big ones are compared too.
    drop.mail = [...drop.mail, mail('z', 'z'.repeat(300))];
    expect((await pull(drop, target, { batchBytes })).done.added).toBe(1);
    expect(await textsOf(target)).toEqual([...all, mail('z', 'z'.repeat(300)).text]);
  });

  it('is told apart where the server has no ids', async () => {
    const drop = new ScriptedMaildrop(three);
    drop.faults = { noUidl: true };
    const target = await freshAccount();
    const state = memoryState();
    await pull(drop, target, { state });
    drop.mail = [mail('d'), ...three.toReversed()];
    expect((await pull(drop, target, { state })).done.added).toBe(1);
  });

  it('refuses batches of nothing', async () => {
    await expect(pull(new ScriptedMaildrop([]), await freshAccount(), { batchBytes: 0 })).rejects.toThrow(RangeError);
  });
});

describe('deleting at the server', () => {
  it('happens after days, when it is asked for', async () => {
    const drop = new ScriptedMaildrop(three);
    const target = await freshAccount();
    const state = memoryState();
    const at = (day: number) => pull(drop, target, { state, policy: { deleteAfterDays: 5 }, now: () => day * DAY });
    await at(1);
    drop.mail = [...drop.mail, mail('d')];
    await at(2);
    expect(drop.mail).toHaveLength(4);
    const { events } = await at(6);
    expect(events).toContainEqual({ type: 'deletedAtSource', path: INBOX, messages: 3 });
    expect(drop.mail).toEqual([mail('d')]);
    expect(await textsOf(target)).toHaveLength(4);
  });

  it('is surfaced when QUIT fails, and tried again', async () => {
    const drop = new ScriptedMaildrop(three);
    drop.faults = { quit: '-ERR not removed' };
    const target = await freshAccount();
    const state = memoryState();
    const policy = 'deleteStored' as const;
    await expect(pull(drop, target, { state, policy })).rejects.toMatchObject({ code: 'POP3_COMMIT_FAILED' });
    expect(await textsOf(target)).toEqual(texts);
    drop.faults = {};
    expect((await pull(drop, target, { state, policy })).done.added).toBe(0);
    expect(drop.mail).toEqual([]);
  });

  it('is told of when the server refuses it, as are messages that it does not send', async () => {
    const drop = new ScriptedMaildrop(three);
    drop.faults = { dele: '-ERR locked', refuse: 2 };
    const target = await freshAccount();
    const { done, events } = await pull(drop, target, { policy: 'deleteStored' });
    expect(done).toMatchObject({ added: 2, failed: 1 });
    expect(events).toContainEqual(expect.objectContaining({ type: 'messageFailed', uid: 2 }));
    expect(events.filter(({ type }) => type === 'warning')).toHaveLength(2);
    expect(drop.lines).not.toContain('DELE 2');
  });
});

describe('stopping', () => {
  it('at any moment, loses nothing, repeats nothing, and deletes nothing unstored', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'posthorn-maildrop-'));
    const random = randomNumbers(5);
    try {
      for (let round = 0; round < 30; round++) {
        const drop = new ScriptedMaildrop(
          Array.from({ length: 12 }, (_, index) => mail(`m${index}`, 'x'.repeat(index * 9))),
        );
        const all = drop.mail.map(({ text }) => text);
        // A store that fails after a random number of appends, some of them after the messages were stored.
        let failures = 3;
        const target = failing(await freshAccount(), () => failures > 0 && random() < 0.3 && failures-- > 0);
        for (let run = 0; ; run++) {
          if (run > 20) throw new TypeError('it does not converge');
          drop.faults = random() < 0.5 ? { cutAfter: Math.floor(random() * 12) } : {};
          const state = await fileState(join(folder, `${round}.jsonl`));
          try {
            const { done } = await pull(drop, target, { state, policy: 'deleteStored', batchMessages: 3 });
            if (done.failed === 0) break;
          } catch (error) {
            if (!MailError.is(error) && (error as Error).message !== 'killed') throw error;
          } finally {
            await state.close();
          }
          const there = await textsOf(target);
          const left = drop.mail.map(({ text }) => text);
          for (const text of all) expect(there.includes(text) || left.includes(text)).toBe(true);
        }
        expect((await textsOf(target)).toSorted()).toEqual(all.toSorted());
        expect(drop.mail).toEqual([]);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  }, 60_000);

  it('by a signal', async () => {
    const controller = new AbortController();
    const drop = new ScriptedMaildrop(three);
    const target = await freshAccount();
    const state = memoryState();
    const options = { state, signal: controller.signal, batchMessages: 1 };
    const stopped = pull(drop, target, options, ({ type }) => {
      if (type === 'progress') controller.abort(new Error('enough'));
    });
    await expect(stopped).rejects.toThrow('enough');
    await pull(drop, target, { state });
    expect(await textsOf(target)).toEqual(texts);
  });
});

/** An account whose INBOX dies now and then, right after messages were appended. */
function failing(account: Account, dies: () => boolean): Account {
  return new Proxy(account, {
    get(object, name) {
      const value = Reflect.get(object, name) as unknown;
      if (name !== 'mailbox') return typeof value === 'function' ? value.bind(object) : value;
      return async (...path: Parameters<Account['mailbox']>) => {
        const mailbox = await object.mailbox(...path);
        return new Proxy(mailbox, {
          get(inner, key) {
            const member = Reflect.get(inner, key) as unknown;
            if (key !== 'append') return typeof member === 'function' ? member.bind(inner) : member;
            return async (...batch: Parameters<typeof inner.append>) => {
              const result = await inner.append(...batch);
              if (dies()) throw new Error('killed');
              return result;
            };
          },
        });
      };
    },
  });
}

it('a state in a file keeps what was stored, and how far the target is known', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'posthorn-maildrop-'));
  const path = join(folder, 'state.jsonl');
  const account = await memoryStore().open('alice' as never);
  try {
    const first = await fileState(path);
    await pull(new ScriptedMaildrop(three), account, { state: first, now: () => 7 });
    const known = first.maildrop();
    expect(known?.target?.upTo).toBe(3);
    expect(known?.stored.get('uidl:a')).toEqual({ key: 'uidl:a', storedAt: 7, octets: three[0]!.text.length });
    await first.close();
    const second = await fileState(path);
    expect(second.maildrop()).toEqual(known);
    await second.record({ type: 'forgotten', keys: ['uidl:a'] });
    await second.close();
    const third = await fileState(path);
    expect([...third.maildrop()!.stored.keys()]).toEqual(['uidl:b', 'uidl:c']);
    await third.close();
  } finally {
    await rm(folder, { recursive: true });
  }
});
