import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { addUser, changePassword, listUsers, openUsers, removeUser } from '../src/index.ts';
import { usersFolder } from './folder.ts';

const at = usersFolder();
const CONTEXT = { protocol: 'imap', security: 'tls' } as const;

const isRight = async (name: string, password: string): Promise<boolean> =>
  (await (await openUsers(at.file)).checkPassword(name, password, CONTEXT)) !== undefined;

describe('a users file', () => {
  it('gains, changes and loses users', async () => {
    await addUser(at.file, 'alice', 'one');
    await addUser(at.file, 'bob', 'two');
    expect(await listUsers(at.file)).toEqual(['alice', 'bob']);
    expect(await isRight('alice', 'one')).toBe(true);
    await changePassword(at.file, 'alice', 'three');
    expect(await isRight('alice', 'one')).toBe(false);
    expect(await isRight('alice', 'three')).toBe(true);
    await removeUser(at.file, 'alice');
    expect(await isRight('alice', 'three')).toBe(false);
    expect(await listUsers(at.file)).toEqual(['bob']);
    expect(await readdir(at.folder)).toEqual(['users']);
  });

  it('holds no password, and only its owner can read it', async () => {
    await addUser(at.file, 'alice', 'correct horse', { scramHashes: ['SHA-1', 'SHA-256', 'SHA-512'] });
    const text = await readFile(at.file, 'utf8');
    expect(text).not.toContain('correct');
    expect(text).not.toContain(Buffer.from('correct horse').toString('base64'));
    expect(JSON.parse(text)).toMatchObject({ users: [{ name: 'alice', scram: { 'SHA-1': {}, 'SHA-512': {} } }] });
    expect((await stat(at.file)).mode & 0o777).toBe(0o600);
    await chmod(at.file, 0o640);
    await changePassword(at.file, 'alice', 'another');
    expect((await stat(at.file)).mode & 0o777).toBe(0o600);
  });

  it('keeps the hashes of a user whose password changes, unless others are asked for', async () => {
    const hashes = async () => Object.keys(JSON.parse(await readFile(at.file, 'utf8')).users[0].scram);
    await addUser(at.file, 'alice', 'one', { scramHashes: ['SHA-1', 'SHA-512'] });
    await changePassword(at.file, 'alice', 'two');
    expect(await hashes()).toEqual(['SHA-1', 'SHA-512']);
    await changePassword(at.file, 'alice', 'three', { scramHashes: ['SHA-256'] });
    expect(await hashes()).toEqual(['SHA-256']);
  });

  it('salts each password, and keeps the secret that answers about nobody depend on', async () => {
    await addUser(at.file, 'alice', 'same');
    const before = JSON.parse(await readFile(at.file, 'utf8'));
    await addUser(at.file, 'bob', 'same');
    const after = JSON.parse(await readFile(at.file, 'utf8'));
    expect(after.secret).toBe(before.secret);
    expect(after.users[0]).toEqual(before.users[0]);
    expect(after.users[1].scrypt.key).not.toBe(after.users[0].scrypt.key);
    expect(after.users[1].scram).not.toEqual(after.users[0].scram);
  });

  it('compares names as SASLprep has them', async () => {
    await addUser(at.file, 'ﬁne', 'Ⅸ');
    expect(await listUsers(at.file)).toEqual(['fine']);
    expect(await isRight('ﬁne', 'IX')).toBe(true);
    await expect(addUser(at.file, 'fine', 'x')).rejects.toMatchObject({ code: 'USERS_ALREADY_EXISTS' });
  });

  it('loses nothing when it is changed by many at once', async () => {
    await Promise.all(
      Array.from({ length: 8 }, (_, index) => addUser(at.file, `user${index}`, 'x', { waitMs: 30_000 })),
    );
    expect((await listUsers(at.file)).toSorted()).toEqual(Array.from({ length: 8 }, (_, index) => `user${index}`));
  }, 60_000);

  it('stays behind the link it is reached by', async () => {
    await mkdir(join(at.folder, 'real'));
    await symlink(join(at.folder, 'real', 'users'), at.file);
    await writeFile(join(at.folder, 'real', 'users'), '', { mode: 0o600 });
    await expect(addUser(at.file, 'alice', 'x')).rejects.toMatchObject({ code: 'USERS_CORRUPT' });
    await addUser(join(at.folder, 'other'), 'alice', 'x');
    await writeFile(join(at.folder, 'real', 'users'), await readFile(join(at.folder, 'other')), { mode: 0o600 });
    await addUser(at.file, 'bob', 'x');
    expect(await listUsers(join(at.folder, 'real', 'users'))).toEqual(['alice', 'bob']);
    expect(await readdir(join(at.folder, 'real'))).toEqual(['users']);
  });
});

describe('what cannot be done', () => {
  it.each(['', ' ', ' a', 'a ', 'a  b', 'a\0', 'a\nb', 'a\u202eb', 'a\u200bb'.repeat(90), '\ud800', 'x'.repeat(181)])(
    'is a user named %j',
    async (name) => {
      await expect(addUser(at.file, name, 'x')).rejects.toMatchObject({ code: 'USERS_NAME' });
      expect(await readdir(at.folder)).toEqual([]);
    },
  );

  it.each(['', 'a\0b', 'a\nb', 'x'.repeat(1025)])('is a password such as %j', async (password) => {
    await expect(addUser(at.file, 'alice', password)).rejects.toMatchObject({ code: 'USERS_PASSWORD' });
  });

  it('is told by name', async () => {
    await addUser(at.file, 'alice', 'x');
    await expect(addUser(at.file, 'Alice', 'x')).rejects.toMatchObject({ code: 'USERS_ALREADY_EXISTS' });
    await expect(changePassword(at.file, 'bob', 'x')).rejects.toMatchObject({ code: 'USERS_NONEXISTENT' });
    await expect(removeUser(at.file, 'bob')).rejects.toMatchObject({ code: 'USERS_NONEXISTENT' });
    await expect(listUsers(join(at.folder, 'none'))).rejects.toMatchObject({ code: 'USERS_UNAVAILABLE' });
    await expect(removeUser(join(at.folder, 'none'), 'a')).rejects.toMatchObject({ code: 'USERS_UNAVAILABLE' });
    await expect(addUser(join(at.folder, 'none', 'users'), 'a', 'x')).rejects.toMatchObject({
      code: 'USERS_UNAVAILABLE',
      message: expect.stringMatching(/ENOENT/),
    });
    expect(await readdir(at.folder)).toEqual(['users']);
  });

  it('is a change while another goes on, or was cut off', async () => {
    await addUser(at.file, 'alice', 'x');
    await writeFile(`${at.file}.lock`, '');
    await expect(removeUser(at.file, 'alice', { waitMs: 100 })).rejects.toMatchObject({
      code: 'USERS_IN_USE',
      message: expect.stringContaining(`${at.file}.lock`),
    });
    const interruption = new AbortController();
    const removed = removeUser(at.file, 'alice', { signal: interruption.signal });
    interruption.abort();
    await expect(removed).rejects.toBe(interruption.signal.reason);
    expect(await listUsers(at.file)).toEqual(['alice']);
  });

  it.each([
    ['nothing', ''],
    ['no JSON, of which nothing is shown', '{"secret": hunter2'],
    ['another version', '{"version":2}'],
    ['no list', '{"version":1}'],
    ['no object', 'null'],
    ['no secret', '{"version":1,"secret":"AA==","users":[]}'],
    ['an empty user', `{"version":1,"secret":"${'A'.repeat(43)}=","users":[{}]}`],
    ['a null user', `{"version":1,"secret":"${'A'.repeat(43)}=","users":[null]}`],
  ])('is to read a file of %s', async (_, text) => {
    await writeFile(at.file, text, { mode: 0o600 });
    const failure = await listUsers(at.file).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'USERS_CORRUPT' });
    expect(String(failure)).not.toContain('hunter2');
    await expect(addUser(at.file, 'alice', 'x')).rejects.toMatchObject({ code: 'USERS_CORRUPT' });
    expect(await readFile(at.file, 'utf8')).toBe(text);
  });

  it('is to read a file with a value changed for the worse', async () => {
    await addUser(at.file, 'alice', 'x');
    const text = await readFile(at.file, 'utf8');
    for (const [from, to] of [
      ['"cost":32768', '"cost":32767'],
      ['"cost":32768', '"cost":4294967296'],
      ['"blockSize":8', '"blockSize":0'],
      ['"parallelization":1', '"parallelization":"1"'],
      ['"iterations":200000', '"iterations":0'],
      ['"name":"alice"', '"name":7'],
      ['"storedKey":"', '"storedKey":"AA'],
    ]) {
      expect(text).toContain(from);
      await writeFile(at.file, text.replace(from!, to!));
      await expect(listUsers(at.file)).rejects.toMatchObject({ code: 'USERS_CORRUPT' });
    }
  });

  it.skipIf(process.platform === 'win32')('is to use a file that others may write to', async () => {
    await addUser(at.file, 'alice', 'x');
    await chmod(at.file, 0o666);
    await expect(listUsers(at.file)).rejects.toMatchObject({ code: 'USERS_INSECURE' });
    await expect(openUsers(at.file)).rejects.toMatchObject({ code: 'USERS_INSECURE' });
  });
});
