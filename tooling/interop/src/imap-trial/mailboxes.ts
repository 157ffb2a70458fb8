import { ServerRefusedError } from '@posthorn/imap-client';
import { expect, it } from 'vitest';
import { numbered } from './session.ts';
import type { TrialSetting } from './subject.ts';

/** Every command about mailboxes. */
export function tryMailboxes({ trial }: TrialSetting): void {
  it('makes, lists, subscribes to, renames and deletes mailboxes', async () => {
    const client = await trial().login();
    const [drafts, below, other] = await Promise.all([
      trial().named(client, 'Entwürfe & Co'),
      trial().named(client, 'Entwürfe & Co', "b +c's #1"),
      trial().named(client, '日本語'),
    ]);
    await client.create(drafts);
    await client.create(below);
    await client.subscribe(drafts);
    const listed = await client.list({ statusItems: ['MESSAGES', 'UIDNEXT', 'UIDVALIDITY', 'UNSEEN'] });
    const found = listed.find((mailbox) => mailbox.name.text === drafts);
    expect(found).toMatchObject({ isSelectable: true, status: { messages: 0, uidNext: 1, unseen: 0 } });
    expect(listed.some((mailbox) => mailbox.name.text === below)).toBe(true);
    const subscribed = async (): Promise<readonly string[]> =>
      (await client.list({ subscribedOnly: true })).map((mailbox) => mailbox.name.text);
    expect(await subscribed()).toContain(drafts);
    await client.unsubscribe(drafts);
    expect(await subscribed()).not.toContain(drafts);
    await client.rename(below, other);
    // IMAP4rev2 has no RECENT.
    const recent = client.isEnabled('IMAP4rev2') ? undefined : 0;
    const { messages, recent: told } = await client.status(other, ['MESSAGES', 'RECENT']);
    expect([messages, told]).toEqual([0, recent]);
    await expect(client.status(below, ['MESSAGES'])).rejects.toBeInstanceOf(ServerRefusedError);
    await client.delete(other);
    await client.delete(found!);
    expect((await client.list()).map((mailbox) => mailbox.name.text)).not.toContain(drafts);
  });

  it('lists by patterns, one level and all levels', async () => {
    const client = await trial().login();
    const names = await Promise.all(
      [['Level'], ['Level', 'Two'], ['Level', 'Two', 'Three']].map((path) => trial().named(client, ...path)),
    );
    for (const name of names) await client.create(name);
    const listed = async (pattern: string): Promise<readonly string[]> =>
      (await client.list({ patterns: [pattern] }))
        .filter(({ isSelectable }) => isSelectable)
        .map(({ name }) => name.text);
    const delimiter = names[1]!.slice(names[0]!.length).replace('Two', '');
    expect(await listed(`${names[0]}${delimiter}%`)).toEqual([names[1]]);
    expect((await listed(`${names[0]}*`)).toSorted()).toEqual(names.toSorted());
    await expect(client.create(names[0]!)).rejects.toBeInstanceOf(ServerRefusedError);
  });

  it('selects, examines, checks, closes and expunges on leaving', async () => {
    const client = await trial().login();
    const mailbox = await trial().filled(client, 'Left', ['a', 'b']);
    expect([mailbox.exists, mailbox.isReadOnly]).toEqual([2, false]);
    await mailbox.store('1', 'add', ['\\Deleted']);
    await mailbox.check();
    await mailbox.close();
    const examined = await client.select(mailbox.name, { readOnly: true });
    expect([examined.exists, examined.isReadOnly, examined.uidValidity]).toEqual([2, true, mailbox.uidValidity]);
    await examined.close();
    await (await client.select(mailbox.name)).close({ expunge: true });
    expect(await client.status(mailbox.name, ['MESSAGES'])).toMatchObject({ messages: 1 });
    await expect(client.select(`${mailbox.name.text} that is not there`)).rejects.toBeInstanceOf(ServerRefusedError);
    await expect(client.append('nowhere at all', { body: numbered('x', 0) })).rejects.toBeInstanceOf(
      ServerRefusedError,
    );
    await client.noop();
  });
}
