import { scanMessage, sectionRange } from '@posthorn/mime';

const message = new TextEncoder().encode(
  [
    'From: Ann <ann@example.org>',
    'Subject: Lunch?',
    'Content-Type: multipart/mixed; boundary=cut',
    '',
    '--cut',
    '',
    'At noon.',
    '--cut',
    'Content-Type: text/csv',
    '',
    'soup,2',
    '--cut--',
    '',
  ].join('\r\n'),
);

const scanned = scanMessage(message);
console.log(scanned.envelope.subject); // Lunch?
console.log(scanned.envelope.from[0]?.mailbox); // ann
console.log(scanned.root.parts.length); // 2

const second = sectionRange(scanned, [2]);
console.log(new TextDecoder().decode(message.subarray(second?.start, second?.end))); // soup,2
