import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addUser, listUsers, openUsers } from '@posthorn/users';

const folder = await mkdtemp(join(tmpdir(), 'users-'));
const file = join(folder, 'users');

await addUser(file, 'alice', 'correct horse');
console.log(await listUsers(file)); // alice

const users = await openUsers(file); // for serveImap({ authenticator: users, … })
const context = { protocol: 'imap', security: 'tls' } as const;
console.log(await users.checkPassword('alice', 'correct horse', context)); // alice
console.log(await users.checkPassword('alice', 'wrong', context)); // undefined
console.log(await users.checkPassword('mallory', 'correct horse', context)); // undefined

await rm(folder, { recursive: true });
