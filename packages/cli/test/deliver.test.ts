import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { deliveredOctets } from '../src/endpoint/delivered-octets.ts';
import { finish, finishWith, startWith } from './run-command.ts';

const MAIL = 'From: ada@example.org\nSubject: hello\n\nHello.\n';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'posthorn-deliver-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const deliver = (...args: string[]) =>
  finishWith(Readable.from([Buffer.from(MAIL)]), 'deliver', '--maildir', join(folder, 'mail'), ...args);

async function files(...path: string[]): Promise<readonly string[]> {
  return readdir(join(folder, 'mail', ...path));
}

describe('deliver', () => {
  it('puts the message into new, octet for octet, and says nothing', async () => {
    expect(await deliver()).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    const [name] = await files('new');
    expect(await readFile(join(folder, 'mail', 'new', name!), 'utf8')).toBe(MAIL);
    expect(await files('tmp')).toEqual([]);
    expect((await deliver('--json')).stdout).toMatch(/^\{"event":"delivered","file":".*","size":45\}\n$/);
  });

  it('gives flags, and takes folders with or without making them', async () => {
    expect(await deliver('--folder', 'Lists/cats')).toMatchObject({ exitCode: 73, stdout: '' });
    expect((await deliver('--folder', 'Lists/cats', '--create', '--flags', '\\Seen,$Label')).exitCode).toBe(0);
    expect(await files('.Lists.cats', 'cur')).toEqual([expect.stringMatching(/:2,Sa$/)]);
  });

  it('takes the URL of a Maildir, and keeps its limits', async () => {
    const into = (options: string) => {
      const url = `maildir:${join(folder, 'mail')}?${options}`;
      return finishWith(Readable.from([Buffer.from(MAIL)]), 'deliver', '--maildir', url, '--folder', 'a/b', '--create');
    };
    expect((await into('layout=fs&messages=1')).exitCode).toBe(0);
    expect(await files('a', 'b', 'new')).toHaveLength(1);
    expect((await into('layout=fs&messages=1')).exitCode).not.toBe(0);
    expect(await files('a', 'b', 'new')).toHaveLength(1);
    expect(await into('colour=red')).toMatchObject({ exitCode: 64, stderr: expect.stringMatching(/colour/) });
  });

  it('delivers to a user of a file, and to nobody else', async () => {
    vi.stubEnv('POSTHORN_PASSWORD', 'open sesame');
    onTestFinished(() => void vi.unstubAllEnvs());
    const users = join(folder, 'users');
    await finish('user', 'add', 'alice', '--users', users);
    expect((await deliver('--user', 'alice', '--users', users)).exitCode).toBe(0);
    expect(await files('alice', 'new')).toHaveLength(1);
    expect(await deliver('--user', 'bob', '--users', users)).toMatchObject({ exitCode: 67, stdout: '' });
    expect((await deliver('--user', 'alice')).exitCode).toBe(64);
    expect((await deliver('--user', 'alice', '--users', join(folder, 'none'))).exitCode).toBe(75);
    expect(await files()).toEqual(['alice']);
  });

  it.each([
    [['--folder', ''], 64, /--folder/],
    [['--folder', 'a//b'], 64, /--folder/],
    [['--flags', '\\\\Seen'], 64, /--flags/],
    [['--no-such-option'], 64, /no-such-option/],
    [['--folder', '../../escape', '--create'], 73, /Maildir/],
  ])('answers %j with what is wrong', async (args, exitCode, says) => {
    const answer = await deliver(...args);
    expect(answer).toMatchObject({ exitCode, stdout: '' });
    expect(answer.stderr).toMatch(says);
    expect(answer.stderr).toMatch(/^posthorn: .*\n$/);
    expect(await readdir(folder)).not.toContain('escape');
  });

  it('asks to try again when the Maildir cannot be used', async () => {
    await writeFile(join(folder, 'mail'), 'a file');
    expect((await deliver()).exitCode).toBe(75);
    await rm(join(folder, 'mail'));
    await mkdir(join(folder, 'mail', 'new'), { recursive: true });
    await writeFile(join(folder, 'mail', 'tmp'), 'a file');
    const { exitCode, stderr } = await deliver();
    expect([exitCode, stderr]).toEqual([75, expect.stringContaining('tmp')]);
    await chmod(join(folder, 'mail', 'new'), 0o700);
    expect(await files('new')).toEqual([]);
  });

  it('asks to try again when it is interrupted or its input breaks, and leaves nothing', async () => {
    async function* broken(): AsyncIterable<Uint8Array> {
      yield Buffer.from(MAIL);
      throw Object.assign(new Error('read EIO'), { code: 'EIO', syscall: 'read' });
    }
    const args = ['deliver', '--maildir', join(folder, 'mail')];
    expect((await finishWith(broken(), ...args)).exitCode).toBe(75);
    async function* endless(): AsyncIterable<Uint8Array> {
      yield Buffer.from(MAIL);
      await new Promise(() => {});
    }
    const stuck = startWith(endless(), ...args);
    setImmediate(stuck.interrupt);
    expect(await stuck.exitCode).toBe(75);
    expect([await files('new'), await files('tmp')]).toEqual([[], []]);
  });
});

describe('a line of the mbox format', () => {
  const octets = async (parts: readonly string[]): Promise<string> => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of deliveredOctets(Readable.from(parts.map((part) => Buffer.from(part)))))
      chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  };

  it('before the header is dropped, wherever the input is cut', async () => {
    const text = `From ada@example.org Sat Nov 21 10:00:00 2026\n${MAIL}From here on.\n`;
    const rest = `${MAIL}From here on.\n`;
    expect(await octets([...text])).toBe(rest);
    for (let cut = 0; cut <= text.length; cut++) expect(await octets([text.slice(0, cut), text.slice(cut)])).toBe(rest);
  });

  it.each(['', 'F', 'From', MAIL, 'From:\n', '\n'])('is told from %j', async (text) => {
    expect(await octets([text])).toBe(text);
    expect(await octets([...text])).toBe(text);
  });
});
