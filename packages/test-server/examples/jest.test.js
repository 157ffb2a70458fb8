import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { connect } from '@posthorn/imap-client';
import { startTestServer } from '@posthorn/test-server';

let server;
beforeEach(async () => {
  server = await startTestServer({ users: [{ user: 'ann', password: 'secret' }] });
});
afterEach(() => server.close());

test('a message that is delivered can be found', async () => {
  await server.deliver({ subject: 'Invoice 7' }, { user: 'ann' });
  const { host, port } = server;
  const auth = { user: 'ann', password: 'secret' };
  const client = await connect({ host, port, security: 'none', allowInsecureAuth: true, auth });
  const status = await client.status('INBOX', ['messages']);
  expect(status.messages).toBe(1);
  await client.close();
});

test('a wrong password is refused', async () => {
  const { host, port } = server;
  const auth = { user: 'ann', password: 'wrong' };
  const attempt = connect({ host, port, security: 'none', allowInsecureAuth: true, auth });
  await expect(attempt).rejects.toMatchObject({ code: 'AUTH_REFUSED' });
});
