import { compilePattern, mailboxName, mailboxNameFromWire, splitName } from '@posthorn/mailbox-name';

// A name to send.
console.log(mailboxName('Entwürfe').wire); // Entw&APw-rfe

// A name that came from a server, wrongly encoded: it reads as it should, and goes back as it came.
const name = mailboxNameFromWire('R&D/&BBAAJg-');
console.log(name.text); // R&D/А&
console.log(name.wire); // R&D/&BBAAJg-
console.log(JSON.stringify(splitName(name.text, '/'))); // ["R&D","А&"]

// The wildcards of LIST.
const isTopLevel = compilePattern('%', '/');
console.log(['INBOX', 'R&D', 'R&D/А&'].filter(isTopLevel).join()); // INBOX,R&D
