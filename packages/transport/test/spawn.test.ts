import { concatBytes, decodeText, equalBytes, utf8Bytes } from '@posthorn/core';
import { describe, expect, it } from 'vitest';
import { spawnTransport } from '../src/index.ts';
import { readAll, readAtLeast, settles } from './pairs.ts';

/** Runs a script in a Node of its own. */
const run = (script: string, options: Parameters<typeof spawnTransport>[2] = {}) =>
  spawnTransport(process.execPath, ['-e', script], options);

const ECHO = `process.stdout.write('* PREAUTH\\r\\n'); process.stdin.pipe(process.stdout)`;

describe('spawnTransport', () => {
  it('talks to the input and output of a command', async () => {
    const transport = await run(ECHO);
    expect(decodeText(await readAtLeast(transport, 11))).toBe('* PREAUTH\r\n');
    await transport.write(utf8Bytes('a NOOP\r\n'));
    expect(decodeText(await readAtLeast(transport, 8))).toBe('a NOOP\r\n');
    expect(transport.security).toBe('none');
    expect(transport.remoteAddress).toBeUndefined();
    expect([transport.bytesRead, transport.bytesWritten]).toEqual([19, 8]);
    await transport.close();
    expect(await transport.read()).toBeNull();
  });

  it('carries much, both ways, as it is', async () => {
    const transport = await run('process.stdin.pipe(process.stdout)');
    const sent = crypto.getRandomValues(new Uint8Array(65_536));
    const blocks = Array.from({ length: 64 }, () => sent);
    const [received] = await Promise.all([readAtLeast(transport, 64 * 65_536), transport.write(blocks)]);
    expect(equalBytes(received, concatBytes(blocks))).toBe(true);
    await transport.close();
  });

  it('leaves with the command what nobody reads', async () => {
    const transport = await run(`process.stdout.write(Buffer.alloc(64 * 1024 * 1024), () => process.exit(0))`);
    await transport.read();
    expect(await settles(new Promise(() => {}), 100)).toBe(false);
    expect(transport.bytesRead).toBeLessThan(1024 * 1024);
    expect((await readAll(transport)).length + transport.bytesRead).toBeGreaterThan(64 * 1024 * 1024);
    await transport.close();
  });

  it('ends when the command ends', async () => {
    const transport = await run(`process.stdout.write('* BYE\\r\\n')`);
    expect(decodeText(await readAll(transport))).toBe('* BYE\r\n');
    await transport.close();
  });

  it('says why a command failed, with its last words on one line, after everything it wrote', async () => {
    const told: string[] = [];
    const transport = await run(
      `process.stdout.write('* OK'); process.stderr.write('Permission denied\\n(publickey).\\n'); process.exitCode = 255`,
      { onStderr: (text) => told.push(text) },
    );
    expect(decodeText(await readAtLeast(transport, 4))).toBe('* OK');
    await expect(transport.read()).rejects.toMatchObject({
      code: 'TRANSPORT_BROKEN',
      message: `${process.execPath} ended with status 255: Permission denied (publickey).`,
    });
    expect(told.join('')).toBe('Permission denied\n(publickey).\n');
    await expect(transport.write(utf8Bytes('x'))).rejects.toMatchObject({ code: 'TRANSPORT_BROKEN' });
  });

  it('says that a command was ended by a signal', async () => {
    const transport = await run(`process.kill(process.pid, 'SIGKILL')`);
    await expect(readAll(transport)).rejects.toMatchObject({
      message: `${process.execPath} was ended by SIGKILL`,
    });
  });

  it('says that there is no such command', async () => {
    await expect(spawnTransport('/no/such/command', ['secret'])).rejects.toMatchObject({
      code: 'TRANSPORT_CONNECT',
      message: 'cannot start /no/such/command: there is no such command, or no such folder to run it in',
    });
    await expect(run('', { cwd: '/no/such/folder' })).rejects.toMatchObject({ code: 'TRANSPORT_CONNECT' });
  });

  it('ends a command that does not end by itself, and kills one that will not be ended', async () => {
    const transport = await run(
      `process.on('SIGTERM', () => {}); console.log(process.pid); setInterval(() => {}, 1000)`,
    );
    const pid = Number(decodeText((await transport.read())!));
    transport.destroy(new Error('enough'));
    await expect(transport.read()).rejects.toThrow('enough');
    const isAlive = (): boolean => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    };
    while (isAlive()) await new Promise((resolve) => setTimeout(resolve, 20));
  });

  it('passes arguments, folder and environment as they are', async () => {
    const script = 'console.log(JSON.stringify([process.argv[1], process.cwd(), process.env.POSTHORN]))';
    const transport = await spawnTransport(process.execPath, ['-e', script, '$(id); "x"'], {
      cwd: '/',
      env: { POSTHORN: 'a b' },
    });
    expect(JSON.parse(decodeText(await readAll(transport)))).toEqual(['$(id); "x"', '/', 'a b']);
    await transport.close();
  });

  it('refuses what cannot be a command, and rejects with the reason of a signal that fired before', async () => {
    await expect(spawnTransport('')).rejects.toThrow(TypeError);
    await expect(spawnTransport('ls', ['a\0b'])).rejects.toThrow(TypeError);
    const reason = new Error('changed my mind');
    await expect(run(ECHO, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it('reports a write to a command that listens no more', async () => {
    const transport = await run(`process.stdin.destroy(); process.stderr.write('gone'); process.exitCode = 3`);
    const block = new Uint8Array(1024 * 1024);
    const write = async (): Promise<never> => {
      for (;;) await transport.write(block);
    };
    await expect(write()).rejects.toMatchObject({ message: `${process.execPath} ended with status 3: gone` });
  });
});
