import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect, test } from 'vitest';
import { COMMAND_CHANNEL, ImapError, ServerRefusedError } from '../src/index.ts';
import { bytes, collect, connectTo, outcome, selected, session } from './support.ts';

/** A transcript with the tags counted. */
function counted(transcript: string | undefined): readonly string[] {
  const tags = new Map<string, string>();
  const name = (tag: string): string => tags.get(tag) ?? tags.set(tag, `{t${tags.size + 1}}`).get(tag)!;
  return (transcript ?? '').split('\n').map((line) => line.replace(/\{[a-z]+\d+\}/g, name));
}

describe('errors hold the last exchanges (pain 11)', () => {
  test('that can be played again, without what messages say', async () => {
    const { client } = await session(
      `${selected(9)}
      C: {a} UID FETCH 1:* (UID FLAGS ENVELOPE BODY.PEEK[HEADER])
      ${[1, 2, 3, 4, 5, 6].map((id) => `S: * ${id} FETCH (UID ${id} FLAGS (\\Seen) ENVELOPE (NIL "my secret love" NIL NIL NIL NIL NIL NIL NIL NIL) BODY[HEADER] {5}\n      S: dear!)`).join('\n      ')}
      S: {a} OK done
      C: {b} APPEND INBOX {5+}
      C: dear!
      S: {b} NO [OVERQUOTA] {nospace} left`.replace('{nospace}', '{x7b}none}'),
    );
    const inbox = await client.select('INBOX');
    const query = { flags: true, envelope: true, sections: { head: { text: 'HEADER' } } } as const;
    expect(await collect(inbox.fetch('1:*', query))).toHaveLength(6);
    const error = await outcome(client.append('INBOX', { body: bytes('dear!') }));
    if (!(error instanceof ServerRefusedError)) throw error;
    expect(error).toMatchObject({ reason: 'OVERQUOTA', status: 'NO', tag: expect.any(String) });
    expect(error.transcript).not.toMatch(/secret|dear/);
    expect(counted(error.transcript).slice(-10)).toEqual([
      'S: {t1} OK [READ-WRITE] done',
      'C: {t2} UID FETCH 1:* (UID FLAGS ENVELOPE BODY.PEEK[HEADER])',
      'S: * 1 FETCH (UID 1 FLAGS (\\Seen))',
      'S: * 2 FETCH (UID 2 FLAGS (\\Seen))',
      'S: * 3 FETCH (UID 3 FLAGS (\\Seen))',
      '# 3 more',
      'S: {t2} OK done',
      'C: {t3} APPEND INBOX {5+}',
      'C: ',
      'S: {t3} NO [OVERQUOTA] {x7b}none} left',
    ]);
  });

  test('that fail in the same way when they are played', async () => {
    const capabilities = 'IMAP4rev1 QUOTA LITERAL+';
    const played = `C: {a} GETQUOTA {5+}\nC: a{x0d}{x0a}"b\nS: * 1 EXISTS\nS: {a} NO [CANNOT] {x7b}odd} name`;
    const first = await session(played, { capabilities });
    const error = await outcome(first.client.quota.get('a\r\n"b'));
    if (!(error instanceof ServerRefusedError)) throw error;
    const again = await session((error.transcript ?? '').split('\n').slice(1).join('\n'), { capabilities });
    expect(await outcome(again.client.quota.get('a\r\n"b'))).toMatchObject({ reason: 'CANNOT', text: '{odd} name' });
    expect((await again.server).outcome).toBe('done');
  });

  test('and no secret, whatever the server repeats', async () => {
    const { client } = connectTo(
      `S: * OK [CAPABILITY IMAP4rev1] hi
       C: {a} LOGIN alice "open sesame"
       S: * OK you said open sesame
       S: {a} OK [CAPABILITY IMAP4rev1] welcome, open sesame
       C: {b} LIST "" *
       S: {b} BAD no`,
      { auth: { user: 'alice', password: 'open sesame' }, allowInsecureAuth: true },
    );
    const error = await outcome((await client).list());
    if (!(error instanceof ServerRefusedError)) throw error;
    expect(error.transcript).not.toContain('sesame');
    expect(counted(error.transcript).at(-1)).toBe('S: {t2} BAD no');
  });

  test('also when the connection ends over a broken answer', async () => {
    const { client } = await session(`C: {a} NOOP\nS: nobody OK who asked?`);
    const error = await outcome(client.noop());
    if (!(error instanceof ImapError)) throw error;
    expect(counted(error.transcript).at(-1)).toBe('C: {t1} NOOP');
    expect(client.transcript).toBe(error.transcript);
  });
});

describe('diagnostics', () => {
  test('tell what each command took', async () => {
    const heard: unknown[] = [];
    const listen = (message: unknown): void => void heard.push(message);
    subscribe(COMMAND_CHANNEL, listen);
    const { client } = await session(
      `C: {a} NOOP\nS: {a} OK done\nC: {b} XFOO\nS: {b} BAD what?\nC: {c} NOOP\n! reset`,
    );
    await client.noop();
    await outcome(client.command({ name: 'X', command: 'XFOO', raw: bytes('') }));
    await outcome(client.noop());
    unsubscribe(COMMAND_CHANNEL, listen);
    expect(heard).toMatchObject([
      { name: 'NOOP', status: 'OK', durationMs: expect.any(Number), bytesWritten: expect.any(Number) },
      { name: 'XFOO', status: 'BAD' },
      { name: 'NOOP', status: undefined },
    ]);
    expect((heard[0] as { bytesRead: number }).bytesRead).toBeGreaterThan(5);
  });
});
