import { expect, it } from 'vitest';
import { numbered, told } from './session.ts';
import type { TrialSetting } from './subject.ts';

/** What others do: while a watch waits, and since a cursor. */
export function tryNews({ trial, lacks }: TrialSetting): void {
  it('hears of changes that others make while it waits', async () => {
    const [client, other] = [await trial().login(), await trial().login()];
    const mailbox = await trial().filled(client, 'Watched', ['a', 'b']);
    const theirs = await other.select(mailbox.name);
    const heard: string[] = [];
    const deeds = [
      () => theirs.store('2', 'add', ['\\Flagged']),
      async () => {
        await theirs.store('1', 'add', ['\\Deleted'], { silent: true });
        await theirs.expunge();
      },
    ];
    const timer = setTimeout(() => void other.append(mailbox.name, { body: numbered('c', 2) }), 300);
    for await (const change of mailbox.watch({ pollMs: 1_000, signal: AbortSignal.timeout(25_000) })) {
      const isNews = change.type === 'exists' || change.type === 'expunged' || change.type === 'vanished';
      const isFlag = change.type === 'flags' && change.flags.includes('\\Flagged');
      if (!isNews && !isFlag) continue;
      heard.push(change.type === 'vanished' ? 'expunged' : change.type);
      if (heard.includes(lacks('newsOfExpunges') ? 'flags' : 'expunged')) break;
      void deeds.shift()?.();
    }
    clearTimeout(timer);
    if (lacks('newsOfExpunges')) {
      expect(heard).toEqual(expect.arrayContaining(['exists', 'flags']));
      return;
    }
    expect(heard).toEqual(expect.arrayContaining(['exists', 'flags', 'expunged']));
    expect(mailbox.exists).toBe(2);
  }, 30_000);

  it.each([['QRESYNC'], ['CONDSTORE'], []])('tells what has changed since a cursor (%s)', async (...enable) => {
    const client = await trial().login({ enable });
    const other = await trial().login();
    const mailbox = await trial().filled(client, `Changing ${enable.join('')}`, ['a', 'b', 'c']);
    const first = await told(mailbox);
    expect(first.rows).toEqual(['new 1', 'new 2', 'new 3']);
    const theirs = await other.select(mailbox.name);
    await theirs.store('2', 'add', ['\\Flagged']);
    await theirs.store('1', 'add', ['\\Deleted']);
    await theirs.expunge();
    await other.append(mailbox.name, { body: numbered('d', 4) });
    await client.noop();
    const again = await client.select(mailbox.name, { readOnly: true });
    const second = await told(again, first.cursor);
    // Who begins to count changes only when asked (Dovecot) may tell of a message that did not change.
    const news = second.rows.filter((row) => row !== 'changed 3');
    expect(news.toSorted()).toEqual(['changed 2 \\Flagged', 'new 4', 'vanished 1']);
    expect((await told(again, second.cursor)).rows).toEqual([]);
  });
}
