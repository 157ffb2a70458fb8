import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { uid } from '@posthorn/core';
import { count, formatSet, ids } from '@posthorn/message-set';
import { describe, expect, test } from 'vitest';
import { CAPABILITIES, collect, connectTo, outcome, selected, session } from './support.ts';

const HERE = dirname(fileURLToPath(import.meta.url));

describe('what people suffer from with other clients', () => {
  test('a response line is never too long for what a mailbox can hold (pain 20)', async () => {
    const numbers = Array.from({ length: 300_000 }, (_, index) => 1_000_000 + 3 * index);
    const { client } = await session(
      `${selected(300_000)}
       C: {a} UID SEARCH ALL
       S: * SEARCH ${numbers.join(' ')}
       S: {a} OK done
       C: {b} NOOP
       S: * VANISHED ${numbers.join(',')}
       S: {b} OK done`,
    );
    const inbox = await client.select('INBOX');
    const found = await inbox.search({ type: 'all' });
    expect(count(found)).toBe(300_000);
    expect([...ids(found)].at(-1)).toBe(numbers.at(-1));
    await client.noop();
    expect(inbox.exists).toBe(0);
  });

  test('a day in a search is that day, wherever the program runs (pain 23)', async () => {
    const zone = process.env['TZ'];
    const since = { type: 'date', which: 'internal', compare: 'since' } as const;
    try {
      for (const place of ['Pacific/Kiritimati', 'Pacific/Pago_Pago', 'UTC']) {
        process.env['TZ'] = place;
        const { client } = await session(
          `${selected(3)}\nC: {a} UID SEARCH SINCE 1-Mar-2024 YOUNGER 3600\nS: * SEARCH 2\nS: {a} OK done`,
          { capabilities: `${CAPABILITIES} WITHIN` },
        );
        const inbox = await client.select('INBOX');
        const date = { year: 2024, month: 3, day: 1 };
        const found = await inbox.search([
          { ...since, date },
          { type: 'age', compare: 'younger', seconds: 3600 },
        ]);
        expect(formatSet(found)).toBe('2');
        const never = { year: 2023, month: 2, day: 30 };
        expect(await outcome(inbox.search({ ...since, date: never }))).toBeInstanceOf(RangeError);
      }
    } finally {
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    }
  });

  test('the protocol runs in any runtime: nothing of Node is in it (pain 29)', () => {
    const seen = new Set<string>();
    const visit = (file: string): void => {
      if (seen.has(file)) return;
      seen.add(file);
      for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(/(?:from|import) '([^']+)'/g)) {
        expect([file, name.startsWith('node:') || name === '@posthorn/transport']).toEqual([file, false]);
        if (name.startsWith('.')) visit(join(dirname(file), name));
      }
    };
    visit(join(HERE, '../src/protocol.ts'));
    expect(seen.size).toBeGreaterThan(3);
  });

  test('there are no dependencies that somebody could abandon (pain 30)', () => {
    const { dependencies } = JSON.parse(readFileSync(join(HERE, '../package.json'), 'utf8')) as {
      readonly dependencies: Readonly<Record<string, string>>;
    };
    for (const name of Object.keys(dependencies)) expect(name).toMatch(/^@posthorn\//);
  });

  test('a mailbox without messages is asked for none (pain 26)', async () => {
    const { client } = await session(`${selected(0)}`);
    const inbox = await client.select('INBOX');
    expect(await collect(inbox.fetch('1:*', { flags: true }))).toEqual([]);
    expect(await inbox.sort(['DATE'], { type: 'all' })).toEqual([]);
    expect(await inbox.thread('REFERENCES', { type: 'all' })).toEqual([]);
    expect(formatSet(await inbox.search({ type: 'uid', uids: await inbox.uids() }))).toBe('');
    expect(await collect(inbox.previews('1:*'))).toEqual([]);
  });

  test('a server that wants to know who asks is told before the first mailbox is opened (pain 24)', async () => {
    const { client, server } = connectTo(
      `S: * OK [CAPABILITY IMAP4rev1 ID AUTH=PLAIN SASL-IR] hi
       C: {a} AUTHENTICATE PLAIN AGEAYg==
       S: {a} OK [CAPABILITY IMAP4rev1 ID] done
       C: {b} ID ("name" "posthorn")
       S: * ID NIL
       S: {b} OK done${selected(1)}`,
      { auth: { user: 'a', password: 'b' }, allowInsecureAuth: true, id: { name: 'posthorn' } },
    );
    await (await client).select('INBOX');
    expect((await server).outcome).toBe('done');
  });

  test('what folders are for is told by the server, whatever they are called (pain 25)', async () => {
    const { client } = await session(
      `C: {a} LIST "" * RETURN (CHILDREN SUBSCRIBED SPECIAL-USE)
       S: * LIST (\\Sent \\HasNoChildren) "/" "Gesendet"
       S: {a} OK done`,
      { capabilities: `${CAPABILITIES} LIST-EXTENDED SPECIAL-USE` },
    );
    expect((await client.list())[0]).toMatchObject({ path: ['Gesendet'], specialUse: ['\\Sent'] });
  });

  test('a command in a loop over previews, texts and changes works as anywhere (pain 3)', async () => {
    const structure = 'BODYSTRUCTURE ("TEXT" "PLAIN" NIL NIL NIL "7BIT" 5 1)';
    const { client } = await session(`${selected(1)}
      C: {a} UID FETCH 1:* (UID FLAGS)
      S: * 1 FETCH (UID 1 FLAGS ())
      S: {a} OK done
      C: {b} UID FETCH 1 (UID BODYSTRUCTURE)
      S: * 1 FETCH (UID 1 ${structure})
      S: {b} OK done
      C: {c} UID FETCH 1 (UID BODY.PEEK[1])
      S: * 1 FETCH (UID 1 BODY[1] "hello")
      S: {c} OK done`);
    const inbox = await client.select('INBOX');
    for await (const change of inbox.changes())
      if (change.type === 'message') expect((await inbox.readText(uid(1)))?.text).toBe('hello');
  });
});
