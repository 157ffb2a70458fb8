import { connect, memorySeen } from '@posthorn/pop3-client';
import Pop3Command from 'node-pop3';
import { afterEach, describe, expect, it } from 'vitest';
import { type Pop3Maildrop, pop3Mail, startPop3Maildrop } from '../src/index.ts';

let maildrop: Pop3Maildrop | undefined;
afterEach(async () => {
  await maildrop?.stop();
  maildrop = undefined;
});

const mail = pop3Mail();
const sent = mail.map((text) => (text.endsWith('\r\n') ? text : `${text}\r\n`));
const sizes = sent.map((text) => text.length);

describe.each(['memory', 'maildir'] as const)('over %s', (kind) => {
  it.each([false, true])('node-pop3 does its whole job, TLS: %s', async (tls) => {
    maildrop = await startPop3Maildrop(kind, mail);
    const { user, password, port, securePort, ca } = maildrop;
    const pop3 = new Pop3Command({
      user,
      password,
      host: 'localhost',
      port: tls ? securePort : port,
      tls,
      tlsOptions: { ca },
    });
    expect(await pop3.STAT()).toBe(`${mail.length} ${sizes.reduce((sum, size) => sum + size, 0)}`);
    expect(await pop3.LIST()).toEqual(sizes.map((size, index) => [`${index + 1}`, `${size}`]));
    const ids = (await pop3.UIDL()) as string[][];
    expect(new Set(ids.map(([, id]) => id)).size).toBe(mail.length);
    expect(await pop3.UIDL(3)).toEqual(ids[2]);
    for (const [index, text] of mail.entries()) {
      // It reads octets as UTF-8, leaves stuffed dots where they are, and leaves out line ends at the end.
      const stuffed = text.replaceAll('\r\n.', '\r\n..').replace(/(\r\n)+$/, '');
      const expected = Buffer.from(stuffed, 'latin1').toString('utf8');
      expect((await pop3.RETR(index + 1)).replace(/(\r\n)+$/, '')).toBe(expected);
    }
    expect(await pop3.TOP(1, 0)).toContain('Subject: dots');
    await pop3.NOOP();
    await pop3.DELE(2);
    await pop3.RSET();
    await pop3.DELE(1);
    expect(await maildrop.messages()).toHaveLength(mail.length);
    await pop3.QUIT();
    expect(await maildrop.messages()).toEqual(mail.slice(1));
  });

  it.each(['stls', 'tls'] as const)('our own client does its whole job, security %s', async (security) => {
    maildrop = await startPop3Maildrop(kind, mail);
    const { user, password, port, securePort, ca } = maildrop;
    const login = () =>
      connect({
        host: 'localhost',
        port: security === 'tls' ? securePort : port,
        security,
        tls: { ca },
        auth: { user, password },
        utf8: true,
      });
    const client = await login();
    expect(await client.stat()).toEqual({ messages: mail.length, octets: sizes.reduce((sum, size) => sum + size, 0) });
    expect((await client.list()).map(({ octets }) => octets)).toEqual(sizes);
    expect(new Set((await client.uniqueIds()).map(({ uniqueId }) => uniqueId)).size).toBe(mail.length);
    expect(await client.languages()).toEqual([{ tag: 'en', description: 'English' }]);
    const top = Buffer.from(await (await client.top(1, 2)).bytes()).toString('latin1');
    expect(top.endsWith('\r\n\r\n.\r\n..\r\n')).toBe(true);
    await client.quit();

    const seen = memorySeen();
    const fetch = async (): Promise<readonly string[]> => {
      const texts: string[] = [];
      for await (const message of (await login()).fetchNew(seen)) {
        texts.push(Buffer.from(await message.bytes()).toString('latin1'));
      }
      return texts;
    };
    expect(await fetch()).toEqual(sent);
    expect(await fetch()).toEqual([]);
    await maildrop.deliver(mail[2]!);
    expect(await fetch()).toEqual([mail[2]]);
    const last = await login();
    await last.deleteMany(mail.map((_, index) => index + 1));
    await last.quit();
    expect(await maildrop.messages()).toEqual([mail[2]]);
  });
});
