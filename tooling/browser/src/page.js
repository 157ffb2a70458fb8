// Runs in the browser: what the built packages make of a conversation. `import` finds them by the page's import map.
import { concatBytes, MailError, uid, utf8Bytes } from '@posthorn/core';
import { formatInternalDate, parseInternalDate, parseMessageDate } from '@posthorn/date';
import { compilePattern, mailboxName } from '@posthorn/mailbox-name';
import { count, formatSet, parseIdSet, setOf, union } from '@posthorn/message-set';
import { decodeWords, findPreviewPart, previewText, scanMessage, sectionRange } from '@posthorn/mime';
import { sortMessages, threadMessages } from '@posthorn/threading';
import { CommandDecoder, encodeCommand, encodeResponse, ResponseDecoder } from '@posthorn/wire';

/** All events of the octets, fed octet by octet. */
function eventsOf(decoder, octets) {
  const events = [];
  for (const octet of octets) {
    decoder.push(Uint8Array.of(octet));
    for (let event = decoder.next(); event !== undefined; event = decoder.next()) events.push(event);
  }
  return events;
}

function bytesOf(pieces) {
  return concatBytes(pieces.filter(({ type }) => type === 'bytes').map(({ bytes }) => bytes));
}

function refusal(attempt) {
  try {
    attempt();
    return undefined;
  } catch (error) {
    return MailError.is(error) ? error.code : String(error);
  }
}

const transcript = utf8Bytes(await (await fetch('/transcript.txt')).text());
const events = eventsOf(new ResponseDecoder(), transcript);
const fetched = events.find(({ type }) => type === 'fetch');
const set = { ranges: [{ first: uid(1), last: '*' }] };
const command = { name: 'FETCH', messages: { type: 'uids', set }, items: [{ type: 'uid' }, { type: 'envelope' }] };

const mail = utf8Bytes(
  'Subject: =?utf-8?Q?Caf=C3=A9?=\r\nContent-Type: text/html; charset=koi8-r\r\n' +
    'Content-Transfer-Encoding: base64\r\n\r\nPHA+1MXLztQ8L3A+\r\n',
);
const scanned = scanMessage(mail);
const readable = findPreviewPart(scanned.bodyStructure);
const place = sectionRange(scanned, readable.part);
const threaded = [
  { number: 1, subject: 'b', messageId: 'x' },
  { number: 2, subject: 'Re: A', references: ['x'] },
];

globalThis.result = {
  isNode: 'Buffer' in globalThis || 'process' in globalThis,
  types: events.map(({ type }) => type),
  listed: events.find(({ type }) => type === 'list').mailbox,
  fetched: {
    ...fetched.items,
    sections: undefined,
    text: new TextDecoder().decode(fetched.items.sections[0].value.bytes),
  },
  reencoded: eventsOf(new ResponseDecoder(), bytesOf(encodeResponse(fetched))).length,
  command: eventsOf(new CommandDecoder(), bytesOf(encodeCommand('A1', command))),
  refused: refusal(() => eventsOf(new ResponseDecoder(), utf8Bytes('* 1 FETCH (BODY[] {-1}\r\n'))),
  set: formatSet(union(parseIdSet('1:3,9'), setOf([uid(5), uid(4)]))),
  count: count(parseIdSet('1:4294967295')),
  date: formatInternalDate(parseInternalDate('17-Jul-1996 02:44:25 -0700')),
  messageDate: parseMessageDate('Wed, 17 Jul 1996 02:23:25 -0700 (PDT)'),
  name: mailboxName('Entwürfe').wire,
  mail: {
    subject: decodeWords(scanned.envelope.subject),
    preview: previewText(mail.subarray(place.start, place.end), readable.body),
  },
  sorted: sortMessages(threaded, [{ key: 'SUBJECT' }]).map(({ number }) => number),
  threads: threadMessages(threaded, 'REFERENCES'),
  matches: compilePattern('INBOX/%', '/')('inbox/a'),
};
