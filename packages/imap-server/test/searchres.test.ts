import { uid } from '@posthorn/core';
import { setOf } from '@posthorn/message-set';
import { describe, expect, test } from 'vitest';
import { deliver, loggedIn, message, type RawClient, type TestServer, testServer } from './harness.ts';

async function opened(server: TestServer): Promise<RawClient> {
  await deliver(await server.account(), ['INBOX'], ...['a', 'b', 'c', 'd', 'e'].map((word) => message(word)));
  const client = await loggedIn(server);
  await client.run('SELECT INBOX');
  return client;
}

const answer = (lines: readonly string[]): string => (lines[0] ?? '').replace(/TAG "?\w+"?/, 'TAG x');

describe('SEARCHRES (RFC 5182)', () => {
  test('what was found is named by $ in every command (section 2.1)', async () => {
    const server = testServer();
    const client = await opened(server);
    await (await server.account()).create(['Other']);
    await (await (await server.account()).mailbox(['INBOX'])).expunge(setOf([uid(2)]));
    await client.run('NOOP');
    expect(await client.run('FETCH $ UID')).toEqual(['OK There was nothing to fetch']);
    expect(await client.run('SEARCH RETURN (SAVE) OR SUBJECT c SUBJECT d')).toEqual(['OK Searched and saved']);
    expect(await client.run('FETCH $ UID')).toEqual(['* 2 FETCH (UID 3)', '* 3 FETCH (UID 4)', 'OK Fetched']);
    expect(await client.run('UID SEARCH UID $ SUBJECT d')).toEqual(['* SEARCH 4', 'OK Searched']);
    expect(await client.run('SEARCH OR $ 1')).toEqual(['* SEARCH 1 2 3', 'OK Searched']);
    expect((await client.run('UID COPY $ Other'))[0]).toMatch(/^OK \[COPYUID \d+ 3:4 1:2\]/);
    expect(await client.run('UID STORE $ +FLAGS.SILENT (\\Deleted)')).toEqual(['OK Done']);
    expect(await client.run('UID EXPUNGE $')).toEqual(['* 3 EXPUNGE', '* 2 EXPUNGE', '* 2 RECENT', 'OK Expunged']);
    expect(await client.run('MOVE $ Other')).toEqual(['OK There was nothing to do']);
  });

  test('with MIN, MAX and the others (section 2.4, example 10)', async () => {
    const client = await opened(testServer());
    const cases = [
      ['ALL SAVE', '* ESEARCH (TAG x) ALL 2:5', '2,3,4,5'],
      ['SAVE MIN', '* ESEARCH (TAG x) MIN 2', '2'],
      ['MAX SAVE MIN', '* ESEARCH (TAG x) MIN 2 MAX 5', '2,5'],
      ['MAX SAVE MIN COUNT', '* ESEARCH (TAG x) MIN 2 MAX 5 COUNT 4', '2,3,4,5'],
      ['SAVE', 'OK Searched and saved', '2,3,4,5'],
    ] as const;
    for (const [options, told, saved] of cases) {
      await client.run('SEARCH RETURN (SAVE) 1');
      expect(answer(await client.run(`SEARCH RETURN (${options}) 2:*`))).toBe(told);
      expect(await client.run('SEARCH $')).toEqual([`* SEARCH ${saved.replaceAll(',', ' ')}`, 'OK Searched']);
    }
    expect(answer(await client.run('SEARCH RETURN (COUNT) 1'))).toBe('* ESEARCH (TAG x) COUNT 1');
    expect(answer(await client.run('SEARCH RETURN (COUNT) $'))).toBe('* ESEARCH (TAG x) COUNT 4');
  });

  test('NO forgets it, BAD leaves it, SELECT forgets it (section 2.1)', async () => {
    const client = await opened(testServer());
    await client.run('SEARCH RETURN (SAVE) 1');
    expect((await client.run('SEARCH RETURN (SAVE) NONSENSE'))[0]).toMatch(/^BAD /);
    expect(await client.run('FETCH $ UID')).toContain('* 1 FETCH (UID 1)');
    expect((await client.run('SEARCH RETURN (SAVE) CHARSET KOI8-R (OR $ 1,3000:3021) TEXT x'))[0]).toMatch(/^NO /);
    expect(await client.run('FETCH $ UID')).toEqual(['OK There was nothing to fetch']);
    await client.run('SEARCH RETURN (SAVE) 1');
    await client.run('SELECT INBOX');
    expect(await client.run('FETCH $ UID')).toEqual(['OK There was nothing to fetch']);
  });
});

describe('UNAUTHENTICATE (RFC 8437)', () => {
  test('leads back to before the login, and forgets what was switched on', async () => {
    const server = testServer();
    const client = await opened(server);
    await client.run('ENABLE QRESYNC');
    await client.run('SEARCH RETURN (SAVE) ALL');
    expect(await client.run('UNAUTHENTICATE')).toEqual(['OK You can log in anew']);
    expect(await client.run('NAMESPACE')).toEqual(['BAD Log in first']);
    expect((await client.run('CAPABILITY'))[0]).toContain('AUTH=PLAIN');
    expect((await client.run('LOGIN bob other')).at(-1)).toMatch(/^OK /);
    expect(await client.run('FETCH 1 FLAGS')).toEqual(['BAD Select a mailbox first']);
    expect(await client.run('SELECT INBOX (QRESYNC (1 1))')).toEqual(['BAD Enable QRESYNC first']);
    expect(await client.run('SELECT INBOX')).toContain('* 0 EXISTS');
  });

  test('needs a login', async () => {
    await testServer().play(`
      S: * OK {any}
      C: a UNAUTHENTICATE
      S: a BAD Log in first
    `);
  });
});

describe('LITERAL- (RFC 7888 section 5)', () => {
  test('is announced when LITERAL+ is not, and keeps what is sent without waiting small', async () => {
    const client = await loggedIn(testServer({ capabilities: ['LITERAL+'] }));
    const [capabilities] = await client.run('CAPABILITY');
    expect(capabilities).toContain(' LITERAL- ');
    expect(capabilities).not.toContain('LITERAL+');
    expect(await client.run(`APPEND INBOX {4097+}\r\n${'x'.repeat(4097)}`)).toEqual([
      'BAD [TOOBIG] Wait before you send more than 4096 octets',
    ]);
    expect((await client.run(`APPEND INBOX {4096+}\r\n${'x'.repeat(4096)}`))[0]).toMatch(/^OK /);
  });
});
