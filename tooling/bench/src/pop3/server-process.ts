import { accountId } from '@posthorn/core';
import { openMaildir } from '@posthorn/maildir';
import { servePop3 } from '@posthorn/pop3-server';

/** Serves a Maildir in a process of its own, and tells its port. */
const [folder = ''] = process.argv.slice(2);
const server = await servePop3({
  store: openMaildir(folder),
  authenticator: { checkPassword: async (user) => accountId(user) },
  allowInsecureAuth: true,
});
process.send?.(server.port);
