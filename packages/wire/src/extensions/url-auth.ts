/**
 * URLs that let others read a message.
 * @see RFC 4467 section 9
 * @module
 */
import type { MailboxName } from '@posthorn/mailbox-name';
import type { CommandWriter } from '../commands/command-writer.ts';
import { ATOM, SP } from '../octets/octets.ts';
import type { ResponseWriter } from '../responses/response-writer.ts';
import { readOctets } from '../tokens/read-octets.ts';
import type { Reader } from '../tokens/reader.ts';
import { checkedAtom } from '../tokens/spelling.ts';
import { readMailbox } from '../values/read-mailbox.ts';

/** A command of URLAUTH. @see RFC 4467 */
export type UrlCommand =
  /** Asks for signatures. */
  | {
      readonly name: 'GENURLAUTH';
      readonly urls: readonly { readonly url: string; readonly mechanism: string }[];
    }
  | { readonly name: 'URLFETCH'; readonly urls: readonly string[] }
  /** Makes signatures void: all of them, or those for a mailbox, or those of some mechanisms for it. */
  | { readonly name: 'RESETKEY' }
  | { readonly name: 'RESETKEY'; readonly mailbox: MailboxName; readonly mechanisms: readonly string[] };

/** An answer to a command of URLAUTH. @see RFC 4467 */
export type UrlData =
  | { readonly type: 'signedUrls'; readonly urls: readonly string[] }
  /** The octets of each; null for a URL that leads nowhere. */
  | { readonly type: 'urlData'; readonly urls: readonly { readonly url: string; readonly data: Uint8Array | null }[] };

/** Reads what follows the name of the command. */
export function readUrlCommand(reader: Reader, name: UrlCommand['name']): UrlCommand {
  if (name === 'RESETKEY') {
    if (reader.isAtEnd) return { name };
    const mailbox = readMailbox(reader);
    const mechanisms: string[] = [];
    while (isFollowedByMore(reader)) mechanisms.push(readAtom(reader));
    return { name, mailbox, mechanisms };
  }
  if (name === 'URLFETCH') return { name, urls: readUrls(reader) };
  const urls: { readonly url: string; readonly mechanism: string }[] = [];
  do {
    if (urls.length > 0) reader.space();
    const url = reader.astring();
    urls.push({ url, mechanism: readAtom(reader) });
  } while (isFollowedByMore(reader));
  return { name, urls };
}

function readAtom(reader: Reader): string {
  reader.space();
  return reader.atom();
}

function isFollowedByMore(reader: Reader): boolean {
  return reader.peek() === SP && reader.offset + 1 < reader.end;
}

function readUrls(reader: Reader): readonly string[] {
  const urls = [reader.astring()];
  while (isFollowedByMore(reader)) {
    reader.space();
    urls.push(reader.astring());
  }
  return urls;
}

export function readUrlData(reader: Reader, name: 'GENURLAUTH' | 'URLFETCH'): UrlData {
  if (name === 'GENURLAUTH') return { type: 'signedUrls', urls: readUrls(reader) };
  const urls: { readonly url: string; readonly data: Uint8Array | null }[] = [];
  do {
    if (urls.length > 0) reader.space();
    const url = reader.astring();
    reader.space();
    urls.push({ url, data: readOctets(reader) });
  } while (isFollowedByMore(reader));
  return { type: 'urlData', urls };
}

export function writeUrlCommand(writer: CommandWriter, value: UrlCommand): void {
  switch (value.name) {
    case 'GENURLAUTH':
      if (value.urls.length === 0) throw new RangeError('GENURLAUTH needs a URL');
      value.urls.forEach(({ url, mechanism }, index) => {
        if (index > 0) writer.text(' ');
        writer.astring(url, 'a URL').text(` ${checkedAtom(mechanism, ATOM, 'a mechanism')}`);
      });
      return;
    case 'URLFETCH':
      if (value.urls.length === 0) throw new RangeError('URLFETCH needs a URL');
      value.urls.forEach((url, index) => {
        if (index > 0) writer.text(' ');
        writer.astring(url, 'a URL');
      });
      return;
    default:
      if (!('mailbox' in value)) return;
      writer.mailbox(value.mailbox);
      for (const mechanism of value.mechanisms) writer.text(` ${checkedAtom(mechanism, ATOM, 'a mechanism')}`);
  }
}

export function writeUrlData(writer: ResponseWriter, data: UrlData): string {
  if (data.urls.length === 0) throw new RangeError('an answer needs a URL');
  if (data.type === 'signedUrls') {
    data.urls.forEach((url, index) => {
      if (index > 0) writer.text(' ');
      writer.astring(url);
    });
    return 'GENURLAUTH';
  }
  data.urls.forEach(({ url, data: octets }, index) => {
    if (index > 0) writer.text(' ');
    writer.astring(url).text(' ');
    if (octets === null) writer.text('NIL');
    else writer.literal(octets);
  });
  return 'URLFETCH';
}
