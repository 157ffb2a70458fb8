import { uid, utf8Bytes } from '@posthorn/core';
import { FETCH_ALL, FETCH_FAST, FETCH_FULL } from '@posthorn/imap-client';
import { expect, it } from 'vitest';
import { numbered } from './session.ts';
import type { TrialSetting } from './subject.ts';

/** Two parts, octets above 127, and a file. */
const MIXED = [
  'Date: Sun, 6 Jan 2030 10:00:00 +0000',
  'From: "F. Red" <fred@example.com>',
  'To: alice@example.org',
  'Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary=b',
  '',
  '--b',
  'Content-Type: text/plain; charset=utf-8',
  'Content-Transfer-Encoding: 8bit',
  '',
  'Grüße',
  '--b',
  'Content-Type: application/octet-stream; name="a \\" b"',
  'Content-Disposition: attachment; filename=x.bin',
  'Content-Transfer-Encoding: base64',
  '',
  'AAECAw==',
  '--b--',
  '',
].join('\r\n');

/** Every form of FETCH. */
export function tryFetching({ trial, lacks }: TrialSetting): void {
  const text = (octets: Uint8Array | null | undefined): string | undefined =>
    octets ? new TextDecoder().decode(octets) : undefined;

  it('fetches structures and sections, texts and previews', async () => {
    const client = await trial().login();
    const mailbox = await trial().filled(client, 'Parts', ['one', 'two']);
    await client.append(mailbox.name, { body: utf8Bytes(MIXED) });
    await mailbox.check();
    const sections = {
      subject: { text: 'HEADER.FIELDS', fields: ['Subject'] },
      others: { text: 'HEADER.FIELDS.NOT', fields: ['Date', 'From', 'To', 'MIME-Version', 'Content-Type'] },
      mime: { part: [2], text: 'MIME' },
      file: { part: [2] },
    } as const;
    const subject = expect.stringMatching(/^Subject: =\?UTF-8\?Q\?Gr=C3=BC=C3=9Fe\?=\r\n(?:\r\n)?$/i);
    const rows: unknown[] = [];
    for await (const message of mailbox.fetch(
      { sequenceNumbers: '3' },
      { ...FETCH_FULL, bodyStructure: true, sections },
    )) {
      const { envelope, bodyStructure } = message;
      rows.push([envelope.subject, envelope.from?.[0]?.name, bodyStructure.type]);
      rows.push(Object.fromEntries(Object.entries(message.sections).map(([key, octets]) => [key, text(octets)])));
    }
    const mime = expect.stringMatching(/^Content-Type: application\/octet-stream/i);
    expect(rows).toMatchObject([
      [expect.any(String), 'F. Red', 'multipart'],
      { subject, others: subject, mime, file: expect.stringMatching(/^AAECAw==/) },
    ]);
    const decoded: unknown[] = [];
    for await (const chunk of mailbox.readPart(uid(3), { part: [2], body: { encoding: 'base64' } }))
      decoded.push(...chunk);
    expect(decoded).toEqual([0, 1, 2, 3]);
    expect(await mailbox.readText(uid(3))).toMatchObject({ text: expect.stringContaining('Grüße') });
    const previews: unknown[] = [];
    for await (const { preview } of mailbox.previews('1:3')) previews.push(preview);
    expect(previews).toEqual(Array.from({ length: 3 }, () => expect.stringContaining('Grüße')));
    expect(await mailbox.totalSize()).toBe(
      numbered('one', 0).length + numbered('two', 1).length + utf8Bytes(MIXED).length,
    );
  });

  it('fetches the macros, headers and texts, and marks as seen only when it is told', async () => {
    const client = await trial().login();
    const mailbox = await trial().filled(client, 'Macros', ['one']);
    const whole = text(numbered('one', 0))!;
    const [header, body] = [whole.slice(0, whole.indexOf('\r\n\r\n') + 4), 'Gr=C3=BC=C3=9Fe\r\n'];
    const isSeen: unknown[] = [];
    for (const query of [FETCH_FAST, FETCH_ALL, FETCH_FULL]) {
      for await (const message of mailbox.fetch('1', query)) {
        expect(message.size).toBe(whole.length);
        expect(message.internalDate.epochSeconds).toBeGreaterThan(1_700_000_000);
        isSeen.push(message.flags.includes('\\Seen'));
      }
    }
    const markSeen = true;
    const texts: unknown[] = [];
    for (const section of [{ text: 'HEADER' }, { text: 'TEXT' }, { part: [1] }, {}, { markSeen }] as const)
      for await (const message of mailbox.fetch('1', { body: section })) texts.push(text(await message.body?.bytes()));
    // Who builds headers anew may spell their names another way.
    const spelled = texts.map((each) => String(each).replace(/^[a-z-]+:/gim, (name) => name.toLowerCase()));
    const expected = [header, body, body, whole, whole].map((each) =>
      each.replace(/^[a-z-]+:/gim, (name) => name.toLowerCase()),
    );
    // And leave out the empty line behind them.
    expect([spelled[0]?.trimEnd(), ...spelled.slice(1)]).toEqual([expected[0]?.trimEnd(), ...expected.slice(1)]);
    for await (const { flags } of mailbox.fetch('1', { flags: true })) isSeen.push(flags.includes('\\Seen'));
    expect(isSeen).toEqual([false, false, false, !lacks('seenByFetch')]);
  });

  it('fetches windows, what lies behind the end, and no part where there is none', async (context) => {
    if (lacks('windows')) context.skip();
    const client = await trial().login();
    const mailbox = await trial().filled(client, 'Windows', ['one']);
    const windows = {
      first: { part: [1], partial: { offset: 2, length: 4 } },
      last: { text: 'TEXT', partial: { offset: 14, length: 100 } },
      behind: { part: [1], partial: { offset: 1000, length: 4 } },
    } as const;
    const none = { none: { part: [7] } } as const;
    const found: unknown[] = [];
    for await (const { sections } of mailbox.fetch('1', { sections: { ...windows, ...none } }))
      found.push(Object.values(sections).map((octets) => text(octets) ?? ''));
    expect(found).toEqual([['=C3=', 'e\r\n', '', '']]);
  });
}
