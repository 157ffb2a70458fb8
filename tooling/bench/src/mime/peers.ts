import { once } from 'node:events';
import { createRequire } from 'node:module';

const peerRequire = createRequire(new URL('../../peers/package.json', import.meta.url));

/** Reads one message, and says how many parts, or attachments and texts, it found. */
export type PeerReader = (message: Uint8Array) => Promise<number>;

interface Parsed {
  readonly text?: string;
  readonly html?: string | false;
  readonly attachments: readonly unknown[];
}

/** mailparser's `simpleParser`. It decodes all; making text of HTML, and HTML of text, can be switched off. */
export function mailparserReader(convertsHtml: boolean): PeerReader {
  const { simpleParser } = peerRequire('mailparser') as {
    simpleParser: (message: Buffer, options: object) => Promise<Parsed>;
  };
  const options = convertsHtml
    ? {}
    : { skipHtmlToText: true, skipTextToHtml: true, skipTextLinks: true, skipImageLinks: true };
  return async (message) =>
    countOf(await simpleParser(Buffer.from(message.buffer, message.byteOffset, message.length), options));
}

/** postal-mime, which has no mode for less than all. */
export function postalMimeReader(): PeerReader {
  const { default: PostalMime } = peerRequire('postal-mime') as {
    default: { parse: (message: Uint8Array) => Promise<Parsed> };
  };
  return async (message) => countOf(await PostalMime.parse(message));
}

/** The splitter below mailparser: headers and parts, nothing decoded. */
export function mailsplitReader(): PeerReader {
  const { Splitter } = createRequire(peerRequire.resolve('mailparser'))('@zone-eu/mailsplit') as {
    Splitter: new () => NodeJS.ReadWriteStream;
  };
  return async (message) => {
    const splitter = new Splitter();
    let nodes = 0;
    splitter.on('data', (each: { readonly type: string; readonly multipart?: string }) => {
      if (each.type === 'node' && !each.multipart) nodes += 1;
    });
    const ended = once(splitter, 'end');
    splitter.end(Buffer.from(message.buffer, message.byteOffset, message.length));
    await ended;
    return nodes;
  };
}

function countOf({ text, html, attachments }: Parsed): number {
  return Number(Boolean(text)) + Number(Boolean(html)) + attachments.length;
}
