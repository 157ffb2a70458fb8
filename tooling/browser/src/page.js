// Runs in the browser: what the built packages make of a conversation. `import` finds them by the page's import map.
import { concatBytes, MailError, uid, utf8Bytes } from '@posthorn/core';
import { formatInternalDate, parseInternalDate, parseMessageDate } from '@posthorn/date';
import { compilePattern, mailboxName } from '@posthorn/mailbox-name';
import { count, formatSet, parseIdSet, setOf, union } from '@posthorn/message-set';
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
  matches: compilePattern('INBOX/%', '/')('inbox/a'),
};
