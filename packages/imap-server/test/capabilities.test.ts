import { utf8Bytes } from '@posthorn/core';
import { describe, expect, test } from 'vitest';
import { capabilitiesOf, ImapServerProtocol } from '../src/protocol.ts';
import { loggedIn, testServer } from './harness.ts';

describe('switching capabilities off', () => {
  test('by name, in any case, with what stands behind the name', async () => {
    const client = await loggedIn(testServer({ capabilities: ['idle', 'MOVE', 'appendlimit', 'STATUS=SIZE'] }));
    const [answer] = await client.run('CAPABILITY');
    expect(answer).toBe(
      '* CAPABILITY IMAP4rev1 IMAP4rev2 ID ENABLE NAMESPACE CHILDREN LIST-EXTENDED LIST-STATUS SPECIAL-USE CREATE-SPECIAL-USE UIDPLUS UNSELECT ESEARCH SEARCHRES WITHIN CONDSTORE QRESYNC UNAUTHENTICATE MULTIAPPEND CATENATE REPLACE BINARY PREVIEW SAVEDATE OBJECTID UTF8=ACCEPT SORT SORT=DISPLAY ESORT THREAD=ORDEREDSUBJECT THREAD=REFERENCES THREAD=REFS CONTEXT=SEARCH CONTEXT=SORT PARTIAL MULTISEARCH UIDONLY INPROGRESS NOTIFY ACL RIGHTS=kxte LIST-MYRIGHTS QUOTA QUOTA=RES-STORAGE QUOTA=RES-MESSAGE METADATA LIST-METADATA LITERAL+',
    );
    expect(await client.run('IDLE')).toEqual(['BAD Unknown command']);
    expect(await client.run('MOVE 1 INBOX')).toEqual(['BAD Unknown command']);
  });

  test('by a test', async () => {
    const client = await loggedIn(testServer({ capabilities: (name) => name.startsWith('AUTH=') }));
    expect(await client.run('CAPABILITY')).toEqual(['* CAPABILITY IMAP4rev1', 'OK Done']);
    expect(await client.run('NAMESPACE')).toEqual(['BAD Unknown command']);
    expect(await client.run('NOOP')).toEqual(['OK Done']);
  });

  test('a mechanism that is off is refused', async () => {
    const server = testServer({ capabilities: ['AUTH=PLAIN'] });
    await server.play(`
      S: * OK [CAPABILITY IMAP4rev1 IMAP4rev2 ID LITERAL+ SASL-IR AUTH=LOGIN] {any}
      C: a AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==
      S: a NO [CANNOT] That mechanism is not offered
    `);
  });
});

test('what is announced depends on the connection', () => {
  const state = {
    canStartTls: true,
    canLogin: false,
    mechanisms: ['SCRAM-SHA-256'],
    maxMessageBytes: 1,
    isOffered: () => true,
  };
  expect(capabilitiesOf({ ...state, isAuthenticated: false })).toEqual([
    'IMAP4rev1',
    'IMAP4rev2',
    'ID',
    'LITERAL+',
    'SASL-IR',
    'STARTTLS',
    'LOGINDISABLED',
    'AUTH=SCRAM-SHA-256',
  ]);
  expect(capabilitiesOf({ ...state, isAuthenticated: true })).not.toContain('STARTTLS');
});

describe('the protocol half alone', () => {
  const protocol = (): ImapServerProtocol =>
    new ImapServerProtocol({ loginOffer: () => ({ canStartTls: false, canLogin: true, mechanisms: ['PLAIN'] }) });

  test('takes octets and gives events', () => {
    const server = protocol();
    server.receive(utf8Bytes('a LOGIN x y\r\nb FETCH 1 FLAGS\r\nc NO'));
    expect(server.next()).toEqual({ type: 'command', tag: 'a', command: { name: 'LOGIN', user: 'x', password: 'y' } });
    expect(server.next()).toMatchObject({ type: 'refused', response: { tag: 'b', status: 'BAD' } });
    expect(server.next()).toBeUndefined();
    expect(server.bufferedBytes).toBe(4);
    server.receive(utf8Bytes('OP\r\n'));
    expect(server.next()).toEqual({ type: 'command', tag: 'c', command: { name: 'NOOP' } });
  });

  test('takes longer lines after login', () => {
    const line = utf8Bytes(`a SELECT ${'x'.repeat(20_000)}\r\n`);
    const fresh = protocol();
    fresh.receive(line);
    expect(() => fresh.next()).toThrow();
    const known = protocol();
    known.loggedIn();
    known.receive(line);
    expect(known.next()).toMatchObject({ type: 'command', command: { name: 'SELECT' } });
  });
});
