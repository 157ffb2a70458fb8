import { describe, expect, test } from 'vitest';
import { findProvider, openAccount, PROVIDERS, specialFolders } from '../src/index.ts';
import type { ListedMailbox } from '../src/mailboxes/mailbox-reference.ts';
import { FOLDER_NAMES } from '../src/providers/folder-names.ts';
import { defaultEnable, defaultId } from '../src/providers/session-defaults.ts';
import { ModelServer } from './account-server.ts';
import { connectTo, LOGOUT, TestTimers } from './support.ts';

describe('the table of providers', () => {
  test('has evidence for every quirk', () => {
    for (const { id, name, quirks } of PROVIDERS) {
      expect(id).toMatch(/^[a-z-]+$/);
      expect(name).not.toBe('');
      expect(quirks.length).toBeGreaterThan(0);
      for (const quirk of quirks) {
        expect(quirk.what).toMatch(/^[A-Z].*\.?$/s);
        expect(quirk.evidence.length, `${id}/${quirk.id}`).toBeGreaterThan(0);
        for (const address of quirk.evidence) expect(URL.canParse(address)).toBe(true);
      }
      expect(new Set(quirks.map((quirk) => quirk.id)).size).toBe(quirks.length);
    }
    expect(new Set(PROVIDERS.map(({ id }) => id)).size).toBe(PROVIDERS.length);
  });

  test.each([
    [{ host: 'imap.gmail.com' }, 'gmail'],
    [{ host: 'IMAP.GMAIL.COM.' }, 'gmail'],
    [{ host: 'mail.example.org', capabilities: ['IMAP4rev1', 'x-gm-ext-1'] }, 'gmail'],
    [{ greeting: 'Gimap ready for requests from 192.0.2.1 x7' }, 'gmail'],
    [{ serverName: 'GImap' }, 'gmail'],
    [{ host: 'outlook.office365.com' }, 'outlook'],
    [{ greeting: 'The Microsoft Exchange IMAP4 service is ready. [TQBX]' }, 'outlook'],
    [{ host: 'imap.mail.yahoo.com' }, 'yahoo'],
    [{ capabilities: ['XAPPLEPUSHSERVICE', 'XYMHIGHESTMODSEQ'] }, 'yahoo'],
    [{ host: 'imap.mail.me.com' }, 'icloud'],
    [{ host: 'imap.163.com' }, 'netease'],
    [{ greeting: 'Coremail System IMap Server Ready(163com[1])' }, 'netease'],
    [{ host: 'imap.exmail.qq.com' }, 'qq'],
    [{ host: 'imap.yandex.ru' }, 'yandex'],
    [{ host: '127.0.0.1', greeting: 'Proton Mail Bridge 03.12.0 - gluon session ID 7' }, 'proton'],
    [{ host: 'imappro.zoho.com' }, 'zoho'],
    [{ host: 'imap.fastmail.com' }, 'fastmail'],
    [{ host: 'imap.web.de' }, 'united-internet'],
    [{ host: 'imap.gmx.net' }, 'united-internet'],
    [{ greeting: 'IMAP4rev1 SmarterMail' }, 'smartermail'],
    [{ host: 'notgmail.com' }, undefined],
    [{ host: 'gmail.com.example.org' }, undefined],
    [{ host: 'mail.example.org', greeting: 'Dovecot ready.', capabilities: ['IMAP4rev1'] }, undefined],
    [{}, undefined],
  ])('%j is %s', (clues, id) => {
    expect(findProvider(clues)?.id).toBe(id);
  });
});

describe('what is done about it', () => {
  test('a server that insists is told who we are before SELECT, and no other (pain 24)', async () => {
    const { client, server } = connectTo(
      `S: * OK Coremail System IMap Server Ready(163com[x])
      C: {c} CAPABILITY
      S: * CAPABILITY IMAP4rev1 ID
      S: {c} OK done
      C: {l} LOGIN alice secret
      S: {l} OK [CAPABILITY IMAP4rev1 ID] done
      C: {i} ID ("name" "Posthorn" "vendor" "Posthorn" "version" "1")
      S: * ID NIL
      S: {i} OK done${LOGOUT}`,
      { auth: { user: 'alice', password: 'secret' }, allowInsecureAuth: true },
    );
    await (await client).close();
    await server;
    expect(defaultId({ host: 'imap.qq.com' })).toBeDefined();
    expect(defaultId({ host: 'imap.gmail.com' })).toBeUndefined();
    expect(defaultId({})).toBeUndefined();
  });

  test('QRESYNC is not switched on at iCloud', () => {
    expect(defaultEnable({ host: 'imap.mail.me.com' })).toEqual(['IMAP4rev2', 'UTF8=ACCEPT', 'CONDSTORE']);
    expect(defaultEnable({ host: 'imap.example.org' })).toContain('QRESYNC');
  });

  test.each([
    [
      'a server that tells mod-sequences without CONDSTORE',
      { capabilities: 'IMAP4rev1 IDLE ESEARCH XYMHIGHESTMODSEQ' },
    ],
    ['a provider whose mod-sequences are wrong', { host: 'imap.zoho.com' }],
  ])('%s is compared by flags', async (_, { host, capabilities }: { host?: string; capabilities?: string }) => {
    const server = new ModelServer(capabilities === undefined ? {} : { capabilities });
    server.append(['\\Seen']);
    const account = await openAccount({
      ...(host !== undefined && { host }),
      transport: server.connect,
      auth: { user: 'alice', password: 'secret' },
      allowInsecureAuth: true,
      timers: new TestTimers(),
    });
    const inbox = await account.mailbox('INBOX');
    let cursor: string | undefined;
    for await (const change of inbox.changes()) if (change.type === 'cursor') cursor = change.cursor;
    expect(JSON.parse(cursor!)).toMatchObject({ flags: [['\\seen', '1']] });
    expect(server.commands.some((command) => command.includes('MODSEQ'))).toBe(false);
    account.destroy();
  });
});

describe('special folders', () => {
  const listed = (path: string, options: Partial<ListedMailbox> = {}): ListedMailbox => {
    const parts = path.split('/');
    return {
      name: { text: path, wire: path } as ListedMailbox['name'],
      path: parts as unknown as ListedMailbox['path'],
      delimiter: '/',
      attributes: [],
      isSelectable: true,
      specialUse: [],
      isSubscribed: undefined,
      ...options,
    };
  };
  const found = (...mailboxes: readonly ListedMailbox[]) =>
    Object.fromEntries(
      Array.from(specialFolders(mailboxes), ([use, { mailbox, source }]) => [
        use,
        `${mailbox.path.join('/')} (${source})`,
      ]),
    );

  test('are what the server says, then what XLIST says, then what their names say (pain 25)', () => {
    expect(
      found(
        listed('INBOX'),
        listed('Sent'),
        listed('Gesendet', { specialUse: ['\\Sent'] }),
        listed('Spam', { attributes: ['\\Spam', '\\HasNoChildren'] }),
        listed('Junk'),
        listed('Papierkorb'),
        listed('Alle', { attributes: ['\\AllMail'] }),
      ),
    ).toEqual({
      '\\Sent': 'Gesendet (server)',
      '\\Junk': 'Spam (xlist)',
      '\\All': 'Alle (xlist)',
      '\\Trash': 'Papierkorb (name)',
    });
  });

  test.each([
    ['German', ['Entwürfe', 'Gesendete Objekte', 'Gelöschte Elemente', 'Spamverdacht', 'Archiv']],
    ['French', ['Brouillons', 'Éléments envoyés', 'Corbeille', 'Courrier indésirable', 'Archives']],
    ['Russian', ['Черновики', 'Отправленные', 'Корзина', 'Спам', 'Архив']],
    ['Japanese', ['下書き', '送信済みアイテム', 'ゴミ箱', '迷惑メール', 'アーカイブ']],
    ['Chinese', ['草稿箱', '已发送', '已删除', '垃圾邮件', '归档']],
    ['Polish', ['Wersje robocze', 'Elementy wysłane', 'Kosz', 'Niechciane', 'Archiwum']],
    ['Turkish', ['Taslaklar', 'Gönderilmiş Öğeler', 'Çöp Kutusu', 'Önemsiz', 'Arşiv']],
    ['Arabic', ['المسودات', 'العناصر المرسلة', 'المهملات', 'البريد العشوائي', 'الأرشيف']],
  ])('have %s names', (_, names) => {
    for (const prefix of ['', 'INBOX/', '[Gmail]/']) {
      // However the characters are composed.
      const mailboxes = names.map((name) => listed(`${prefix}${name.normalize('NFD')}`));
      expect([...specialFolders(mailboxes).keys()].sort()).toEqual([
        '\\Archive',
        '\\Drafts',
        '\\Junk',
        '\\Sent',
        '\\Trash',
      ]);
    }
  });

  test('are neither deep down, nor given another use, nor unable to hold messages', () => {
    expect(
      found(
        listed('Project/Sent'),
        listed('Archive/2024/Trash'),
        listed('Drafts', { isSelectable: false }),
        listed('Junk', { specialUse: ['\\Archive'] }),
        listed('Presented'),
      ),
    ).toEqual({ '\\Archive': 'Junk (server)' });
  });

  test('of several the shallower, then the more telling name wins', () => {
    expect(found(listed('INBOX/Sent'), listed('Deleted'), listed('Trash'), listed('Sent Items'))).toEqual({
      '\\Sent': 'Sent Items (name)',
      '\\Trash': 'Trash (name)',
    });
  });

  test('no name stands for two uses', () => {
    const all = Object.values(FOLDER_NAMES).flat();
    const seen = new Map<string, number>();
    for (const name of all) seen.set(name.normalize('NFKC'), (seen.get(name.normalize('NFKC')) ?? 0) + 1);
    expect([...seen].filter(([, times]) => times > 1)).toEqual([]);
    for (const name of all) expect(name).toBe(name.toLowerCase());
    expect(all.length).toBeGreaterThan(300);
  });

  test('of an account are asked for in one call', async () => {
    const server = new ModelServer();
    const account = await openAccount({
      transport: server.connect,
      auth: { user: 'alice', password: 'secret' },
      allowInsecureAuth: true,
    });
    expect([...(await account.specialFolders())]).toEqual([]);
    account.destroy();
  });
});
