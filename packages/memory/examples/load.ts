import { fileURLToPath } from 'node:url';
import { accountId } from '@posthorn/core';
import { memoryStore } from '@posthorn/memory';
import { loadMail } from '@posthorn/memory/load';

const account = await memoryStore().open(accountId('alice'));
const { messages } = await loadMail(account, fileURLToPath(new URL('mail', import.meta.url)));
console.log(`${messages} messages`);
