import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountId, collectBytes, utf8Bytes } from '@posthorn/core';
import { openMaildir } from '@posthorn/maildir';

const root = await mkdtemp(join(tmpdir(), 'maildir-'));
const store = openMaildir(root);
const account = await store.open(accountId('alice'));

await account.create(['Archive', '2026']);
const archive = await account.mailbox(['Archive', '2026']);
const body = [utf8Bytes('Subject: hello\r\n\r\nFirst line.\r\n')];
const { uids } = await archive.append([{ body, flags: ['\\Seen', '$Forwarded'] }]);
console.log(uids.join()); // 1

const message = await archive.read(uids[0]!);
console.log(message.size); // 31
console.log((await collectBytes(message.stream())).length); // 31
await message.release();

const { added } = await archive.changes(undefined);
console.log(added.map(({ uid, flags }) => `${uid} ${flags.join(' ')}`).join()); // 1 \Seen $Forwarded
await store.close();
await rm(root, { recursive: true });
