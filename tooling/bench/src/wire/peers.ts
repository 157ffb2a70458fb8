import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import { announced } from './splitter.ts';

const PEERS = new URL('../../peers/', import.meta.url);
const peerRequire = createRequire(new URL('package.json', PEERS));

/** Reads answers and says how many responses there were. */
export type PeerReader = (chunks: readonly Buffer[]) => Promise<number>;

interface ImapFlowItem {
  readonly payload: Buffer;
  readonly literals: readonly Buffer[];
  next(): void;
}

type Format = (parsed: object, mailbox: object, algorithm: string) => Promise<object>;

async function part<Exports>(path: string): Promise<Exports> {
  const url = new URL(`node_modules/imapflow/dist/esm/handler/${path}.js`, PEERS);
  return (await import(url.href)) as Exports;
}

/** ImapFlow's stream and parser, with or without its formatting of FETCH responses into objects. */
export async function imapFlowReader(isFormatting: boolean): Promise<PeerReader> {
  const { ImapStream } = await part<{ ImapStream: new (options: object) => NodeJS.ReadWriteStream }>('imap-stream');
  const { parser } = await part<{ parser: (payload: Buffer, options: object) => Promise<object> }>('imap-handler');
  const { formatMessageResponse } = await part<{ formatMessageResponse: Format }>('../tools');
  const logger = Object.fromEntries(['trace', 'debug', 'info', 'warn', 'error'].map((level) => [level, () => {}]));
  return async (chunks) => {
    const stream = new ImapStream({ logger });
    const mailbox = {};
    let count = 0;
    let isReading = false;
    stream.on('readable', async () => {
      if (isReading) return;
      isReading = true;
      for (let item = stream.read() as unknown as ImapFlowItem | null; item !== null; item = stream.read() as never) {
        const parsed = await parser(item.payload, { literals: item.literals });
        if (isFormatting) await formatMessageResponse(parsed, mailbox, 'md5');
        count += 1;
        item.next();
      }
      isReading = false;
    });
    await new Promise<void>((resolve, reject) => {
      stream.once('error', reject);
      stream.once('end', resolve);
      socketOf(chunks).pipe(stream);
    });
    return count;
  };
}

/** emailjs-imap-handler, which parses whole responses; what finds them here is the least there can be. */
export function emailjsReader(): PeerReader {
  const { parser } = peerRequire('emailjs-imap-handler') as {
    parser: (response: Uint8Array, options: object) => object;
  };
  return async (chunks) => {
    let count = 0;
    for (const response of wholeResponses(chunks)) {
      parser(response, {});
      count += 1;
    }
    return count;
  };
}

/** node-imap's parser on a stream, which streams bodies as well. */
export function nodeImapReader(): PeerReader {
  const { Parser } = peerRequire('imap/lib/Parser') as {
    Parser: new (stream: Readable, debug: undefined) => NodeJS.EventEmitter;
  };
  return (chunks) => {
    const stream = socketOf(chunks);
    const parser = new Parser(stream, undefined);
    let count = 0;
    return new Promise((resolve) => {
      parser.on('untagged', () => {
        count += 1;
      });
      parser.on('body', (body: Readable) => body.resume());
      parser.on('tagged', () => resolve(count + 1));
    });
  };
}

/** A stream that gets one chunk at a time, as a socket does: node-imap recurses over what has been buffered. */
function socketOf(chunks: readonly Buffer[]): Readable {
  let next = 0;
  return new Readable({
    highWaterMark: 1,
    read() {
      setImmediate(() => this.push(chunks[next++] ?? null));
    },
  });
}

/** Responses without their line end, one piece of memory each, literals in place. */
function* wholeResponses(chunks: readonly Buffer[]): Generator<Uint8Array> {
  let parts: Buffer[] = [];
  let literalLeft = 0;
  for (const chunk of chunks) {
    for (let offset = 0; offset < chunk.length; ) {
      const lineFeed = literalLeft > 0 ? -1 : chunk.indexOf(0x0a, offset);
      const end = literalLeft > 0 ? offset + literalLeft : lineFeed < 0 ? chunk.length : lineFeed + 1;
      const part = chunk.subarray(offset, end);
      parts.push(part);
      offset += part.length;
      if (literalLeft > 0) literalLeft -= part.length;
      else if (lineFeed >= 0) {
        const line = part.length > 24 || parts.length === 1 ? part : Buffer.concat(parts.slice(-2));
        literalLeft = announced(line);
        if (literalLeft > 0) continue;
        const whole = parts.length === 1 ? part : Buffer.concat(parts);
        yield whole.subarray(0, -2);
        parts = [];
      }
    }
  }
}
