/**
 * Opens a Maildir with its index, makes a directory `begun`, does one thing and makes a directory `done`, so that
 * whoever watches the system calls knows which belong to it.
 */
import { mkdirSync } from 'node:fs';
import { openMaildir } from '@posthorn/maildir';

const [, , root, marks, name] = process.argv;
const EVERY = { bounds: Uint32Array.of(1, 0xffff_ffff) };
const body = (subject) => [Buffer.from(`Subject: ${subject}\r\n\r\ntext\r\n`)];
const changes = {
  append: (_, inbox) => inbox.append([{ body: body('new'), flags: ['\\Seen', 'Fresh'] }]),
  'append several': (_, inbox) => inbox.append(['x', 'y', 'z'].map((subject) => ({ body: body(subject) }))),
  flags: (_, inbox) => inbox.store(EVERY, 'add', ['\\Flagged', 'Later']),
  expunge: (_, inbox) => inbox.expunge({ bounds: Uint32Array.of(1, 2) }),
  copy: (account) => account.transfer(['INBOX'], EVERY, ['Target'], 'copy'),
  move: (account) => account.transfer(['INBOX'], EVERY, ['Target'], 'move'),
  create: (account) => account.create(['Made', 'Deep']),
  rename: (account) => account.rename(['Target'], ['Renamed']),
  'rename INBOX': (account) => account.rename(['INBOX'], ['Saved']),
  delete: (account) => account.delete(['Target']),
};

const store = openMaildir(root);
const account = await store.open('alice');
const inbox = await account.mailbox(['INBOX']);
await account.mailbox(['Target']);
mkdirSync(`${marks}/begun`);
await changes[name](account, inbox);
mkdirSync(`${marks}/done`);
await store.close();
