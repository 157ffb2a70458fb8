import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from '@posthorn/imap-client';
import { startTestServer } from '@posthorn/test-server';

test('a server like QQ is understood', async (t) => {
  const server = await startTestServer({ profile: 'qq', tls: 'implicit', mailboxes: { INBOX: [{ subject: '你好' }] } });
  t.after(() => server.close());
  const { port, certificate } = server;
  const auth = { user: 'test', password: 'test' };
  const client = await connect({ host: 'localhost', port, tls: { ca: certificate }, auth });
  const inbox = await client.select('INBOX');
  assert.equal(inbox.exists, 1);
  await client.close();
  assert.ok(server.transcript.some(({ text }) => text.includes('SELECT INBOX')));
});
