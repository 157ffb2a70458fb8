import { accountId, collectBytes, utf8Bytes } from '@posthorn/core';
import { memoryStore } from '@posthorn/memory';

const store = memoryStore();
const account = await store.open(accountId('alice'));
const inbox = await account.mailbox(['INBOX']);
const { uids } = await inbox.append([{ body: [utf8Bytes('Subject: Hello\r\n\r\nHi!\r\n')], flags: ['\\Flagged'] }]);

const message = await inbox.read(uids[0]!);
console.log(new TextDecoder().decode(await collectBytes(message.stream())));
await message.release();
await store.close();
