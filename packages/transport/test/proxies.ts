import { connect, createServer, type Socket } from 'node:net';

export interface ProxyServer {
  readonly port: number;
  /** What clients asked for, such as `socks5 mail.example:143`. */
  readonly asked: string[];
  close(): void;
}

export interface ProxyServerOptions {
  /** What a client must give, as `user:password`. */
  readonly credentials?: string;
  /** Where connections really go. */
  readonly to: number;
  /** Sends every answer octet by octet. */
  readonly isSplit?: boolean;
}

type Read = (length: number) => Promise<Buffer>;
type Send = (...octets: (number | string)[]) => Promise<void>;
interface Visitor {
  readonly socket: Socket;
  readonly read: Read;
  readonly send: Send;
}

/** A server of scripted visitors. */
async function serve(
  { isSplit = false, to }: ProxyServerOptions,
  visit: (visitor: Visitor, asked: string[]) => Promise<boolean>,
): Promise<ProxyServer> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer(async (socket) => {
    sockets.add(socket);
    socket.setNoDelay(true).on('error', () => {});
    const read: Read = async (length) => {
      for (;;) {
        const chunk: Buffer | null = socket.read(length);
        if (chunk !== null) return chunk;
        if (socket.destroyed || socket.readableEnded) throw new Error('the visitor left');
        await new Promise<void>((resolve) => {
          const settle = (): void => {
            socket.off('readable', settle).off('close', settle).off('end', settle);
            resolve();
          };
          socket.on('readable', settle).on('close', settle).on('end', settle);
        });
      }
    };
    const send: Send = async (...octets) => {
      const bytes = Buffer.concat(
        octets.map((part) => (typeof part === 'number' ? Buffer.of(part) : Buffer.from(part))),
      );
      for (const chunk of isSplit ? Array.from(bytes, (octet) => Buffer.of(octet)) : [bytes]) {
        socket.write(chunk);
        if (isSplit) await new Promise((resolve) => setImmediate(resolve));
      }
    };
    try {
      if (!(await visit({ socket, read, send }, asked))) {
        socket.end();
        return;
      }
    } catch {
      socket.destroy();
      return;
    }
    const onward = connect(to, '127.0.0.1').on('error', () => socket.destroy());
    sockets.add(onward);
    socket.pipe(onward).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const close = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { port, asked, close };
}

/** @see RFC 1928, RFC 1929 */
export function socks5Server(options: ProxyServerOptions, reply = 0): Promise<ProxyServer> {
  return serve(options, async ({ read, send }, asked) => {
    const [version, count] = await read(2);
    const methods = await read(count!);
    const wanted = options.credentials === undefined ? 0 : 2;
    if (version !== 5 || !methods.includes(wanted)) {
      await send(5, 0xff);
      return false;
    }
    await send(5, wanted);
    if (wanted === 2) {
      const [, userLength] = await read(2);
      const user = (await read(userLength!)).toString();
      const password = (await read((await read(1))[0]!)).toString();
      const isRight = `${user}:${password}` === options.credentials;
      await send(1, isRight ? 0 : 1);
      if (!isRight) return false;
    }
    const [, command, , kind] = await read(4);
    const length = kind === 1 ? 4 : kind === 4 ? 16 : (await read(1))[0]!;
    const address = await read(length);
    const host = kind === 3 ? address.toString() : kind === 4 ? address.toString('hex') : address.join('.');
    asked.push(`socks${version} ${command} ${host}:${(await read(2)).readUInt16BE()}`);
    await send(5, reply, 0, 1, 0, 0, 0, 0, 0, 0);
    return reply === 0;
  });
}

/** SOCKS 4 with the names of 4A. */
export function socks4Server(options: ProxyServerOptions, reply = 90): Promise<ProxyServer> {
  return serve(options, async ({ read, send }, asked) => {
    const [version, command] = await read(2);
    const port = (await read(2)).readUInt16BE();
    const address = await read(4);
    const text = async (): Promise<string> => {
      let characters = '';
      for (let octet = (await read(1))[0]!; octet !== 0; octet = (await read(1))[0]!)
        characters += String.fromCharCode(octet);
      return characters;
    };
    const user = await text();
    const isName = address.subarray(0, 3).every((octet) => octet === 0);
    asked.push(`socks${version} ${command} ${user}@${isName ? await text() : address.join('.')}:${port}`);
    await send(0, reply, 0, 0, 0, 0, 0, 0);
    return reply === 90;
  });
}

/** HTTP CONNECT. */
export function httpServer(
  options: ProxyServerOptions,
  answer = 'HTTP/1.1 200 Connection established\r\nVia: 1.1 test\r\n\r\n',
): Promise<ProxyServer> {
  return serve(options, async ({ read, send }, asked) => {
    let head = '';
    while (!head.endsWith('\r\n\r\n')) head += (await read(1)).toString('latin1');
    asked.push(head.slice(0, head.indexOf('\r\n')));
    const given = /^proxy-authorization: Basic (.*)$/im.exec(head)?.[1] ?? '';
    if (options.credentials !== undefined && atob(given) !== options.credentials) {
      await send('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n');
      return false;
    }
    await send(answer);
    return answer.includes(' 200 ');
  });
}

/** One that says what it is told to, and then nothing. */
export function oddServer(says: Uint8Array, end: boolean): Promise<ProxyServer> {
  return serve({ to: 0 }, async ({ socket }) => {
    socket.resume().write(says);
    if (end) return false;
    await new Promise(() => {});
    return false;
  });
}
