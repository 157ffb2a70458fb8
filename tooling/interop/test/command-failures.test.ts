import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeAuthority, makeCertificate } from '@posthorn/certificates';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  type CommandResult,
  maildirTree,
  type OwnServer,
  resultOf,
  runCommand,
  startCommand,
  startOwnServer,
} from '../src/index.ts';

const run = promisify(execFile);
const canMount = process.platform === 'linux' && process.getuid?.() === 0;

let folder: string;
let own: OwnServer;
const open: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'posthorn-fail-'));
  own = await startOwnServer({ messages: 60 });
}, 60_000);
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});
afterAll(async () => {
  await own?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function sync(
  source: string,
  options: readonly string[] = [],
  password = own.password,
  target = join(folder, 'target'),
) {
  return runCommand(['sync', source, `maildir:${target}`, '--json', ...options], { POSTHORN_PASSWORD: password });
}

/** One clear line, and the exit code that scripts go by. */
function expectFailure({ exitCode, stderr }: CommandResult, code: number, says: RegExp): void {
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stderr).toMatch(says);
  expect(stderr).toMatch(/^posthorn: /);
  expect(stderr).not.toContain(own.password);
  expect(exitCode).toBe(code);
}

/** A port that answers as told. */
async function listening(serve: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('posthorn sync says in one line what is wrong', () => {
  const ownUrl = () => `imap://${own.user}@127.0.0.1:${own.server.port}`;

  it('wrong password', async () => {
    expectFailure(await sync(ownUrl(), ['--plaintext'], 'not it'), 3, /refused.*check the user name and the password/);
  });

  it('unreachable host', async () => {
    const port = await listening(() => {});
    await open.pop()!();
    expectFailure(
      await sync(`imap://alice@127.0.0.1:${port}`, ['--plaintext']),
      4,
      /nothing listens there: check the host and the port/,
    );
  });

  it('unknown host', async () => {
    expectFailure(await sync('imaps://alice@no-such-host.invalid'), 4, /no-such-host\.invalid.*check the name/);
  });

  it('a port that speaks SMTP', async () => {
    const port = await listening((socket) => socket.write('220 mail.example.org ESMTP ready\r\n'));
    expectFailure(await sync(`imap://alice@127.0.0.1:${port}`), 4, /SMTP/);
  });

  it('a port that speaks HTTP', async () => {
    const port = await listening((socket) => {
      socket.write('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n');
    });
    expectFailure(await sync(`imap://alice@127.0.0.1:${port}`), 4, /HTTP/);
  });

  it('a port that does not speak TLS', async () => {
    const port = await listening((socket) => socket.write('* OK ready\r\n'));
    expectFailure(await sync(`imaps://alice@127.0.0.1:${port}`), 4, /TLS/);
  });

  it('a server without STARTTLS', async () => {
    expectFailure(await sync(ownUrl()), 4, /STARTTLS/);
  });

  describe('certificates', () => {
    async function served(certificate: { cert: string; key: string }): Promise<string> {
      const secure = await startOwnServer({ messages: 1, tls: certificate, implicitTls: true });
      open.push(() => secure.stop());
      return `imaps://${secure.user}@127.0.0.1:${secure.server.port}`;
    }
    const hosts = ['127.0.0.1'];

    it('self-signed', async () => {
      expectFailure(await sync(await served(await makeCertificate({ hosts }))), 4, /self-signed.*--tls-ca/);
    });

    it('expired', async () => {
      const issuer = await makeAuthority();
      const ca = join(folder, 'authority.pem');
      await writeFile(ca, issuer.cert);
      const [validFrom, validTo] = [new Date('2020-01-01'), new Date('2021-01-01')];
      const url = await served(await makeCertificate({ hosts, validFrom, validTo, issuer }));
      expectFailure(await sync(url, ['--tls-ca', ca]), 4, /expired/);
    });

    it('for another host', async () => {
      const issuer = await makeAuthority();
      const ca = join(folder, 'authority.pem');
      await writeFile(ca, issuer.cert);
      const url = await served(await makeCertificate({ hosts: ['mail.example.org'], issuer }));
      expectFailure(await sync(url, ['--tls-ca', ca]), 4, /mail\.example\.org|127\.0\.0\.1/);
    });

    it('and is content with one from an authority it is told to trust', async () => {
      const issuer = await makeAuthority();
      const ca = join(folder, 'authority.pem');
      await writeFile(ca, issuer.cert);
      const url = await served(await makeCertificate({ hosts, issuer }));
      const { exitCode, stderr } = await sync(url, ['--tls-ca', ca], own.password, join(folder, 'trusted'));
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    });
  });

  it('a server that drops in the middle of a literal, after which the next run goes on', async () => {
    const target = join(folder, 'dropped');
    let budget = 60_000;
    const port = await listening((socket) => {
      const upstream = new (socket.constructor as typeof Socket)().connect(own.server.port, '127.0.0.1');
      upstream.on('error', () => {});
      socket.pipe(upstream);
      upstream.on('data', (chunk: Buffer) => {
        budget -= chunk.length;
        if (budget < 0) socket.destroy();
        else socket.write(chunk);
      });
      socket.on('close', () => upstream.destroy());
    });
    const url = `imap://${own.user}@127.0.0.1:${port}`;
    expectFailure(await sync(url, ['--plaintext'], own.password, target), 4, /connection.*run the command again/);
    budget = Number.POSITIVE_INFINITY;
    expect(await sync(url, ['--plaintext'], own.password, target)).toMatchObject({ exitCode: 0, stderr: '' });
    const calm = join(folder, 'calm');
    await sync(ownUrl(), ['--plaintext'], own.password, calm);
    expect(await maildirTree(target)).toEqual(await maildirTree(calm));
  });

  it.skipIf(process.getuid?.() === 0 && !canMount)('a target that cannot be written', async () => {
    const target = join(folder, 'sealed');
    await mkdir(target);
    if (canMount) {
      await run('mount', ['-t', 'tmpfs', '-o', 'ro', 'none', target]);
      open.push(() => run('umount', [target]));
    } else await chmod(target, 0o500);
    expectFailure(await sync(ownUrl(), ['--plaintext'], own.password, target), 1, /cannot write|permission|read-only/);
    expect(await readdir(target)).toEqual([]);
  });

  it.skipIf(!canMount)('a disk that is full, after which the next run goes on', async () => {
    const target = join(folder, 'small');
    await mkdir(target);
    await run('mount', ['-t', 'tmpfs', '-o', 'size=200k', 'none', target]);
    open.push(() => run('umount', [target]));
    const inside = join(target, 'Maildir');
    expectFailure(await sync(ownUrl(), ['--plaintext'], own.password, inside), 1, /disk is full.*free some space/);
    expect((await maildirTree(inside)).leftovers).toEqual([]);
    await run('mount', ['-o', 'remount,size=100m', target]);
    expect(await sync(ownUrl(), ['--plaintext'], own.password, inside)).toMatchObject({ exitCode: 0, stderr: '' });
    const calm = join(folder, 'calm');
    await sync(ownUrl(), ['--plaintext'], own.password, calm);
    expect(await maildirTree(inside)).toEqual(await maildirTree(calm));
  });

  it('a memory of earlier runs that is damaged', async () => {
    const target = join(folder, 'damaged');
    await mkdir(join(target, 'posthorn-sync'), { recursive: true });
    await writeFile(join(target, 'posthorn-sync', 'alice%40127.0.0.1.jsonl'), 'shopping list\n');
    expectFailure(await sync(ownUrl(), ['--plaintext'], own.password, target), 5, /not what a sync wrote/);
  });

  it('an interruption, at once also when the server has fallen silent, after which the next run goes on', async () => {
    const target = join(folder, 'interrupted');
    let budget = 60_000;
    let fallSilent = (): void => {};
    const silent = new Promise<void>((resolve) => {
      fallSilent = resolve;
    });
    const port = await listening((socket) => {
      const upstream = new (socket.constructor as typeof Socket)().connect(own.server.port, '127.0.0.1');
      upstream.on('error', () => {});
      socket.pipe(upstream);
      upstream.on('data', (chunk: Buffer) => {
        budget -= chunk.length;
        if (budget < 0) fallSilent();
        else socket.write(chunk);
      });
      socket.on('close', () => upstream.destroy());
    });
    const args = ['sync', `imap://${own.user}@127.0.0.1:${port}`, `maildir:${target}`, '--plaintext', '--json'];
    const child = startCommand(args, { POSTHORN_PASSWORD: own.password });
    const ended = resultOf(child, true);
    await silent;
    const started = performance.now();
    child.kill('SIGINT');
    expectFailure(await ended, 130, /interrupted; run the command again/);
    expect(performance.now() - started).toBeLessThan(5_000);
    budget = Number.POSITIVE_INFINITY;
    expect(await sync(args[1]!, ['--plaintext'], own.password, target)).toMatchObject({ exitCode: 0, stderr: '' });
    const calm = join(folder, 'calm');
    await sync(ownUrl(), ['--plaintext'], own.password, calm);
    expect(await maildirTree(target)).toEqual(await maildirTree(calm));
  });

  it('nothing when its reader goes away, and ends as it would have', async () => {
    const target = join(folder, 'unread');
    const args = ['sync', ownUrl(), `maildir:${target}`, '--plaintext', '--json'];
    const child = startCommand(args, { POSTHORN_PASSWORD: own.password });
    child.stdout.destroy();
    const exitCode = await new Promise((resolve) => child.once('exit', resolve));
    expect(exitCode).toBe(0);
    const calm = join(folder, 'calm');
    await sync(ownUrl(), ['--plaintext'], own.password, calm);
    expect(await maildirTree(target)).toEqual(await maildirTree(calm));
  });
});
