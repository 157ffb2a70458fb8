import type { ImapClient } from '@posthorn/imap-client';
import { expect, it } from 'vitest';
import type { TrialSetting } from './subject.ts';

/** Gives somebody rights to a mailbox, and takes them back. */
async function tryRights(client: ImapClient, mailbox: string): Promise<void> {
  const who = 'bob';
  await client.acl.set(mailbox, who, 'lr');
  const entries = await client.acl.get(mailbox);
  const given = entries.find(({ identifier }) => identifier === who);
  expect(given?.rights.split('').toSorted()).toEqual(['l', 'r']);
  expect((await client.acl.grantable(mailbox, who)).optional.join('')).toContain('w');
  await client.acl.delete(mailbox, who);
  expect((await client.acl.get(mailbox)).some(({ identifier }) => identifier === who)).toBe(false);
}

/** Rights, quotas and notes. */
export function tryExtras({ subject: { administrator }, trial, lacks }: TrialSetting): void {
  it('tells rights, quotas and notes where the server keeps them', async (context) => {
    const client = await trial().login();
    const mailbox = await trial().named(client, 'Noted');
    await client.create(mailbox);
    const { capabilities } = client;
    if (!['ACL', 'QUOTA'].every((capability) => capabilities.has(capability))) context.skip();
    expect(await client.acl.mine(mailbox)).toMatch(/^(?=.*l)(?=.*r)/);
    if (lacks('sharing')) await expect(client.acl.set(mailbox, 'bob', 'lr')).rejects.toMatchObject({ code: 'IMAP_NO' });
    else await tryRights(client, mailbox);
    const roots = await client.quota.of('INBOX');
    expect(roots).toMatchObject([{ root: expect.any(String) }]);
    if (administrator !== undefined) {
      expect(roots).toMatchObject([{ resources: [{ name: 'STORAGE', limit: 1_000_000 }] }]);
      const boss = await trial().login({ auth: { user: administrator, password: 'correct horse' } });
      await boss.quota.set('user/alice', { STORAGE: 2_000_000, MESSAGE: 5_000 });
      const { resources } = await boss.quota.get('user/alice');
      expect(new Map(resources.map((each) => [each.name, each.limit]))).toEqual(
        new Map([
          ['STORAGE', 2_000_000],
          ['MESSAGE', 5_000],
        ]),
      );
    }
    if (!capabilities.has('METADATA')) return;
    await client.metadata.set(mailbox, { '/private/comment': 'Grüße\r\nvon "hier"' });
    const values = await client.metadata.get(mailbox, ['/private/comment', '/shared/comment']);
    expect(values.entries.get('/private/comment')).toBe('Grüße\r\nvon "hier"');
    await client.metadata.set(mailbox, { '/private/comment': null });
    const after = await client.metadata.get(mailbox, ['/private/comment']);
    expect(after.entries.get('/private/comment') ?? null).toBeNull();
    const noted = await trial().filled(client, 'Annotated', ['a']);
    if (!capabilities.has('ANNOTATE-EXPERIMENT-1')) return;
    const attributes = new Map([['value.priv', 'mine']]);
    await noted.storeAnnotations('1', [{ entry: '/comment', attributes }]);
    const annotations = { entries: ['/comment'], attributes: ['value.priv'] };
    for await (const message of noted.fetch('1', { annotations }))
      expect(message.annotations).toEqual([{ entry: '/comment', attributes }]);
  });
}
