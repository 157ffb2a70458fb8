import { connect } from '@posthorn/imap-client';
import { startTestServer } from '@posthorn/test-server';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

let server;
beforeAll(async () => {
  server = await startTestServer({ mailboxes: { INBOX: [{ subject: 'Welcome', text: 'hello' }] } });
});
beforeEach(() => server.reset());
afterAll(() => server.close());

async function logIn() {
  const { host, port } = server;
  const auth = { user: 'test', password: 'test' };
  return connect({ host, port, security: 'none', allowInsecureAuth: true, auth });
}

test('lists what is there', async () => {
  const client = await logIn();
  const inbox = await client.select('INBOX');
  const subjects = [];
  for await (const { envelope } of inbox.fetch('1:*', { envelope: true })) subjects.push(envelope.subject);
  expect(subjects).toEqual(['Welcome']);
  await client.close();
});

test('is told of a cut connection', async () => {
  server.inject({ at: { command: 'SELECT' }, action: 'reset' });
  const client = await logIn();
  await expect(client.select('INBOX')).rejects.toThrow();
});
