import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { concatBytes } from '@posthorn/core';
import { octetByOctet, playServer } from '@posthorn/testkit';
import { transportFromDuplex } from '@posthorn/transport';
import { describe, expect, test } from 'vitest';
import { type ConnectOptions, connect, type ImapClient } from '../src/index.ts';
import { bytes, outcome, settle, text } from './support.ts';

const FLUSH = { finishFlush: constants.Z_SYNC_FLUSH };

type Cut = (sent: Uint8Array) => Iterable<Uint8Array>;

const whole: Cut = (sent) => [sent];

interface Played {
  readonly connected: Promise<ImapClient>;
  readonly wire: Duplex;
  readonly tag: string;
  /** Unsolicited answers that the client heard. */
  readonly heard: string[];
}

type Way = Pick<ConnectOptions, 'transport' | 'host' | 'port' | 'security'>;

/** Plays a server up to its answer to COMPRESS, which comes cut into pieces, with all that stands behind it. */
async function answering(behind: Uint8Array, cut?: Cut, answer?: string): Promise<Played> {
  const [mine, wire] = duplexPair();
  return play({ transport: transportFromDuplex(mine) }, Promise.resolve(wire), behind, cut, answer);
}

async function play(
  way: Way,
  accepted: Promise<Duplex>,
  behind: Uint8Array,
  cut: Cut = whole,
  answer = 'OK DEFLATE active',
): Promise<Played> {
  const heard: string[] = [];
  const connected = connect({
    ...way,
    compress: true,
    enable: [],
    onUnsolicited: ({ type }) => heard.push(type),
  });
  connected.catch(() => {});
  const wire = await accepted;
  wire.write('* PREAUTH [CAPABILITY IMAP4rev1 COMPRESS=DEFLATE] ready\r\n');
  const [command] = await once(wire, 'data');
  const [, tag = ''] = /^([A-Z]+)1 COMPRESS DEFLATE\r\n$/.exec(text(command)) ?? [];
  for (const chunk of cut(concatBytes([bytes(`${tag}1 ${answer}\r\n`), behind]))) {
    wire.write(chunk);
    await settle();
  }
  return { connected, wire, tag, heard };
}

/** One way to cut for each octet of what is sent: in two behind it. */
async function atEveryOctet(play: (cut: Cut) => Promise<void>): Promise<void> {
  for (let at = 1, length = 2; at < length; at++)
    await play((sent) => {
      length = sent.length;
      return [sent.subarray(0, at), sent.subarray(at)];
    });
}

describe('octets behind the answer to COMPRESS (RFC 4978 section 3)', () => {
  const news = deflateRawSync(bytes('* 3 EXISTS\r\n* 4 EXISTS\r\n'), FLUSH);

  async function takesNews(cut: Cut): Promise<void> {
    const { connected, wire, tag, heard } = await answering(news, cut);
    const client = await connected;
    expect(client.isCompressed).toBe(true);
    const answered = client.noop();
    const [command] = await once(wire, 'data');
    expect(inflateRawSync(command, FLUSH).toString()).toBe(`${tag}2 NOOP\r\n`);
    wire.write(deflateRawSync(bytes(`* 5 EXISTS\r\n${tag}2 OK done\r\n`), FLUSH));
    await answered;
    expect(heard).toEqual(['exists', 'exists', 'exists']);
    client.destroy();
  }

  test('are compressed, however they are cut', async () => {
    await takesNews(whole);
    await takesNews(octetByOctet);
    await atEveryOctet(takesNews);
  });

  test('may be many', async () => {
    const count = 50_000;
    const { connected, wire, tag, heard } = await answering(
      deflateRawSync(bytes('* 3 EXISTS\r\n'.repeat(count)), FLUSH),
    );
    const client = await connected;
    const answered = client.noop();
    await once(wire, 'data');
    wire.write(deflateRawSync(bytes(`${tag}2 OK done\r\n`), FLUSH));
    await answered;
    expect(heard.length).toBe(count);
    client.destroy();
  });

  test('are taken out of memory that is used again', async () => {
    const server = createServer();
    const accepted = once(server, 'connection').then(([socket]: Socket[]) => socket!);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const count = 2_000;
    const lines = Array.from({ length: count }, (_, index) => `* ${(index * 2_654_435_761) % 2 ** 32} EXISTS\r\n`);
    const behind = deflateRawSync(bytes(lines.join('')), FLUSH);
    expect(behind.length).toBeGreaterThan(4096);
    const way: Way = { host: '127.0.0.1', port, security: 'none' };
    const { connected, wire, tag, heard } = await play(way, accepted, behind);
    const client = await connected;
    const answered = client.noop();
    await once(wire, 'data');
    wire.write(deflateRawSync(bytes(`${tag}2 OK done\r\n`), FLUSH));
    await answered;
    expect(heard.length).toBe(count);
    client.destroy();
    wire.destroy();
    server.close();
  });

  test('end the connection when they are in clear text', async () => {
    await atEveryOctet(async (cut) => {
      const { connected } = await answering(bytes('* 1 EXISTS\r\n'), cut);
      const used = connected.then((client) => client.noop());
      expect(await outcome(used)).toMatchObject({ code: 'CONNECTION_CLOSED' });
    });
  });

  test('are clear text where the server refuses to compress', async () => {
    await atEveryOctet(async (cut) => {
      const { connected, wire, tag } = await answering(bytes('* 2 EXISTS\r\n'), cut, 'NO not now');
      const client = await connected;
      expect(client.isCompressed).toBe(false);
      const answered = client.noop();
      const [command] = await once(wire, 'data');
      expect(text(command)).toBe(`${tag}2 NOOP\r\n`);
      wire.write(`${tag}2 OK done\r\n`);
      await answered;
      client.destroy();
    });
  });
});

describe('compression and another user (RFC 8437 section 4.1)', () => {
  const auth = { user: 'b', password: 'secret' };

  /** A client that is compressed, and a server that goes on with `transcript`. */
  async function compressed(transcript: string): Promise<{ client: ImapClient; server: Promise<unknown> }> {
    const [mine, theirs] = duplexPair();
    const server = playServer(
      transportFromDuplex(theirs),
      `S: * PREAUTH [CAPABILITY IMAP4rev1 COMPRESS=DEFLATE UNAUTHENTICATE] ready
       C: {z} COMPRESS DEFLATE
       S: {z} OK DEFLATE active
       ! deflate
       ${transcript}`,
    );
    server.catch(() => {});
    const transport = transportFromDuplex(mine);
    return { client: await connect({ transport, compress: true, enable: [], allowInsecureAuth: true }), server };
  }

  test('it ends with UNAUTHENTICATE and begins anew', async () => {
    const { client, server } = await compressed(`
       C: {a} UNAUTHENTICATE
       S: {a} OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] done
       ! plain
       C: {b} AUTHENTICATE PLAIN AGIAc2VjcmV0
       S: {b} OK [CAPABILITY IMAP4rev1 COMPRESS=DEFLATE UNAUTHENTICATE] done
       C: {y} COMPRESS DEFLATE
       S: {y} OK DEFLATE active
       ! deflate
       C: {c} UNAUTHENTICATE
       S: {c} OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] done
       ! plain
       C: {d} AUTHENTICATE PLAIN AGIAc2VjcmV0
       S: {d} OK [CAPABILITY IMAP4rev1] done
       C: {n} NOOP
       S: {n} OK done`);
    expect(client.isCompressed).toBe(true);
    await client.reauthenticate(auth);
    expect(client.isCompressed).toBe(true);
    await client.reauthenticate(auth);
    expect(client.isCompressed).toBe(false);
    await client.noop();
    expect(await server).toMatchObject({ outcome: 'done' });
    client.destroy();
  });

  test('a server that goes on compressing is not believed', async () => {
    const { client } = await compressed(`
       C: {a} UNAUTHENTICATE
       S: {a} OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] done{x0d}{x0a}* OK more
       C: {b} NOOP`);
    expect(await outcome(client.reauthenticate(auth))).toMatchObject({ code: 'IMAP_PROTOCOL' });
    expect(client.isClosed).toBe(true);
  });
});
