import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountId, uid, utf8Bytes } from '@posthorn/core';
import { connect as connectImap } from '@posthorn/imap-client';
import { serveImap } from '@posthorn/imap-server';
import { openMaildir } from '@posthorn/maildir';
import { memoryStore } from '@posthorn/memory';
import { setOf } from '@posthorn/message-set';
import { connect } from '@posthorn/pop3-client';
import { servePop3 } from '@posthorn/pop3-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const AUTH = { user: 'alice', password: 'open sesame' };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ph-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe.each(['memory', 'maildir'])('one maildrop for IMAP and POP3, over %s', (kind) => {
  it('what IMAP does shows in the next POP3 session, and what POP3 deletes is gone for IMAP', async () => {
    const store = kind === 'memory' ? memoryStore() : openMaildir(folder);
    const common = {
      store,
      authenticator: { checkPassword: async (user: string) => accountId(user) },
      allowInsecureAuth: true,
    };
    const [imapServer, pop3Server] = [await serveImap(common), await servePop3(common)];
    const insecure = { security: 'none', allowInsecureAuth: true, auth: AUTH } as const;
    const imap = await connectImap({ host: imapServer.host, port: imapServer.port, ...insecure });
    const login = () => connect({ host: pop3Server.host, port: pop3Server.port, ...insecure });
    const append = async (text: string): Promise<void> => {
      const body = utf8Bytes(`Subject: ${text}\r\n\r\n${text}\r\n`);
      await imap.append('INBOX', { body, size: body.length });
    };
    for (const text of ['one', 'two', 'three', 'four']) await append(text);
    const inbox = await imap.select('INBOX');

    const first = await login();
    const ids = (await first.uniqueIds()).map(({ uniqueId }) => uniqueId);
    const sizes = await first.list();
    // In the middle of the session: an expunge, new mail, a mailbox renamed and made anew.
    await inbox.store(setOf([uid(2)]), 'add', ['\\Deleted']);
    await inbox.expunge(setOf([uid(2)]));
    await append('five');
    await inbox.store(setOf([uid(3)]), 'add', ['\\Seen', '\\Flagged', 'mine']);
    expect((await first.uniqueIds()).map(({ uniqueId }) => uniqueId)).toEqual(ids);
    expect(await first.list()).toEqual(sizes);
    await expect(first.retrieve(2).then((message) => message.bytes())).rejects.toMatchObject({ code: 'POP3_ERR' });
    expect(new TextDecoder().decode(await (await first.retrieve(3)).bytes())).toContain('three');
    await first.delete(2);
    await first.delete(3);
    await first.quit();

    await imap.noop();
    const left: number[] = [];
    for await (const message of inbox.fetch('1:*', { flags: true })) left.push(message.uid);
    expect(left).toEqual([1, 4, 5]);

    const second = await login();
    const later = (await second.uniqueIds()).map(({ uniqueId }) => uniqueId);
    expect(later.slice(0, 2)).toEqual([ids[0], ids[3]]);
    expect(ids).not.toContain(later[2]);
    // All that was in INBOX goes elsewhere: what POP3 marked is not there any more, and nothing else is touched.
    await second.delete(1);
    await imap.rename('INBOX', 'Elsewhere');
    await append('six');
    await second.quit();
    expect(await imap.status('INBOX', ['MESSAGES'])).toMatchObject({ messages: 1 });
    expect(await imap.status('Elsewhere', ['MESSAGES'])).toMatchObject({ messages: 3 });
    const third = await login();
    const last = (await third.uniqueIds()).map(({ uniqueId }) => uniqueId);
    expect(last).toHaveLength(1);
    expect([...ids, ...later]).not.toContain(last[0]);
    await third.quit();
    await imap.close();
    await imapServer.close();
    await pop3Server.close();
    await store.close();
  });
});
