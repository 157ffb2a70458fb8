import type { MailboxId, Uid } from '@posthorn/core';
import { fromBase64 } from '../octets/base64.ts';
import { LPAREN, RBRACKET, SP, TAG } from '../octets/octets.ts';
import { asciiText } from '../octets/text.ts';
import type { Reader } from '../tokens/reader.ts';
import { isInClass, isUrlText } from '../tokens/spelling.ts';
import type { ExtensionCode } from './response-code.ts';

/** Reads the argument of a code of an extension; undefined for a code that has no typed one. */
export function readExtensionCode(reader: Reader, name: string): ExtensionCode | undefined {
  switch (name) {
    case 'MAILBOXID': {
      reader.space();
      reader.openList();
      const mailboxId = reader.atom() as MailboxId;
      reader.closeList();
      return { type: 'mailboxId', mailboxId };
    }
    case 'REFERRAL':
      return { type: 'referral', urls: readUrls(reader) };
    case 'BADURL': {
      const [url, ...others] = readUrls(reader);
      if (url === undefined || others.length > 0) return reader.fail('expected one URL');
      return { type: 'badUrl', url };
    }
    case 'URLMECH':
      return readUrlMechanisms(reader);
    case 'ANNOTATE': {
      reader.space();
      const reason = reader.keyword();
      if (reason !== 'TOOBIG' && reason !== 'TOOMANY') return reader.fail('expected TOOBIG or TOOMANY');
      return { type: 'annotate', reason };
    }
    case 'ANNOTATIONS':
      return readAnnotationSupport(reader);
    case 'METADATA':
      return readMetadataReason(reader);
    case 'NOUPDATE':
      reader.space();
      return { type: 'noUpdate', tag: checkedTag(reader, reader.string()) };
    case 'BADEVENT': {
      const events: string[] = [];
      reader.space();
      reader.openList();
      for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) events.push(reader.atom());
      return { type: 'badEvent', events };
    }
    case 'UNDEFINED-FILTER':
      reader.space();
      return { type: 'undefinedFilter', name: reader.atom() };
    case 'INPROGRESS':
      return readProgress(reader);
    case 'MAXCONVERTMESSAGES':
    case 'MAXCONVERTPARTS':
      reader.space();
      return { type: name === 'MAXCONVERTPARTS' ? 'maxConvertParts' : 'maxConvertMessages', limit: reader.nonZero() };
    case 'MESSAGELIMIT': {
      reader.space();
      const limit = reader.nonZero();
      if (reader.peek() !== SP || reader.isFollowedBy(RBRACKET)) return { type: 'messageLimit', limit };
      reader.space();
      return { type: 'messageLimit', limit, lowestUid: reader.nonZero() as Uid };
    }
    default:
      return undefined;
  }
}

/** ` URL URL` up to the bracket. */
function readUrls(reader: Reader): readonly string[] {
  const urls: string[] = [];
  while (reader.peek() === SP && !reader.isFollowedBy(RBRACKET)) {
    reader.space();
    const start = reader.offset;
    while (!reader.isAtEnd && reader.peek() !== SP && reader.peek() !== RBRACKET) reader.offset++;
    const url = asciiText(reader.bytes, start, reader.offset);
    if (!isUrlText(url)) reader.fail('not a URL');
    urls.push(url);
  }
  if (urls.length === 0) reader.fail('expected a URL');
  return urls;
}

/** ` INTERNAL XSAMPLE=P34OKhO7VEkCbsiYY8rGEg==`. */
function readUrlMechanisms(reader: Reader): ExtensionCode {
  const mechanisms: { readonly name: string; readonly data?: Uint8Array }[] = [];
  while (reader.peek() === SP && !reader.isFollowedBy(RBRACKET)) {
    reader.space();
    const start = reader.offset;
    const word = reader.atom();
    const equals = word.indexOf('=');
    if (equals < 0) mechanisms.push({ name: word });
    else {
      const data = fromBase64(word.slice(equals + 1));
      if (data === undefined || equals === 0) {
        reader.offset = start;
        return reader.fail('a key that is not base64');
      }
      mechanisms.push({ name: word.slice(0, equals), data });
    }
  }
  return { type: 'urlMechanisms', mechanisms };
}

function readAnnotationSupport(reader: Reader): ExtensionCode {
  reader.space();
  if (reader.acceptWord('NONE')) return { type: 'annotations', maxSize: 'NONE' };
  const maxSize = reader.acceptWord('READ-ONLY') ? 'READ-ONLY' : reader.nonZero();
  if (reader.peek() !== SP || reader.isFollowedBy(RBRACKET)) return { type: 'annotations', maxSize };
  reader.space();
  if (!reader.acceptWord('NOPRIVATE')) reader.fail('expected NOPRIVATE');
  return { type: 'annotations', maxSize, isWithoutPrivate: true };
}

function readMetadataReason(reader: Reader): ExtensionCode {
  reader.space();
  const reason = reader.keyword();
  switch (reason) {
    case 'TOOMANY':
    case 'NOPRIVATE':
      return { type: 'metadata', reason };
    case 'LONGENTRIES':
    case 'MAXSIZE':
      reader.space();
      return { type: 'metadata', reason, octets: reader.number() };
    default:
      return reader.fail('an unknown reason');
  }
}

/** ` ("A7" 175 1000)`, or nothing. */
/** A tag that is quoted, which a command could have had. */
function checkedTag(reader: Reader, text: string): string {
  return isInClass(text, TAG) ? text : reader.fail('expected a tag');
}

function readProgress(reader: Reader): ExtensionCode {
  if (reader.peek() !== SP || !reader.isFollowedBy(LPAREN))
    return { type: 'inProgress', tag: null, done: null, goal: null };
  reader.space();
  reader.openList();
  const text = reader.nstring();
  const tag = text === null ? null : checkedTag(reader, text);
  reader.space();
  const done = reader.nil() ? null : reader.number();
  reader.space();
  const goal = reader.nil() ? null : reader.number();
  reader.closeList();
  return { type: 'inProgress', tag, done, goal };
}
