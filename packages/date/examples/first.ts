import {
  formatImapDate,
  formatInternalDate,
  formatRfc3339,
  imapDateOf,
  internalDateOf,
  parseInternalDate,
  parseMessageDate,
  toDate,
} from '@posthorn/date';

// INTERNALDATE, with its time zone.
const arrived = parseInternalDate('17-Jul-1996 02:44:25 -0700');
console.log(JSON.stringify(arrived)); // {"epochSeconds":837596665,"offsetMinutes":-420}
console.log(toDate(arrived).toISOString()); // 1996-07-17T09:44:25.000Z
console.log(formatRfc3339(arrived)); // 1996-07-17T02:44:25-07:00

// The day SEARCH compares.
console.log(formatImapDate(imapDateOf(arrived))); // 17-Jul-1996

// Dates of messages, as old and as odd as mail has them.
const sent = parseMessageDate('Fri, 21 Nov 97 09(comment):   55  :  06 CST');
console.log(sent && formatInternalDate(sent)); // 21-Nov-1997 09:55:06 -0600

// From a Date, in a zone of your choice.
console.log(formatInternalDate(internalDateOf(new Date('2024-02-29T23:30:00Z'), 120))); // 01-Mar-2024 01:30:00 +0200
