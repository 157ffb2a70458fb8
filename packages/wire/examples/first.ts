import { mailboxName } from '@posthorn/mailbox-name';
import { CommandDecoder, encodeCommand, encodeResponse, ResponseDecoder } from '@posthorn/wire';

// A client: octets of a server into values, however they are cut.
const answers = new ResponseDecoder();
answers.push(new TextEncoder().encode('* 12 FETCH (UID 57 FLAGS (\\Seen) RFC822.SI'));
answers.push(new TextEncoder().encode('ZE 4286)\r\nA1 OK done\r\n'));
for (let event = answers.next(); event !== undefined; event = answers.next()) {
  if (event.type === 'fetch') console.log(event.items.uid, event.items.flags, event.items.size); // 57 [ '\\Seen' ] 4286
  if (event.type === 'status') console.log(event.tag, event.status, event.text); // A1 OK done
}

// Values into commands: nothing that is given as an argument can add a line.
for (const piece of encodeCommand('A2', { name: 'SELECT', mailbox: mailboxName('Entwürfe "2024"') })) {
  if (piece.type === 'bytes') console.log(new TextDecoder().decode(piece.bytes).trimEnd()); // A2 SELECT "Entw&APw-rfe \"2024\""
}

// A server: the other way round.
const commands = new CommandDecoder();
commands.push(new TextEncoder().encode('a1 status INBOX (messages unseen)\r\n'));
const event = commands.next();
if (event?.type === 'command' && event.command.name === 'STATUS') {
  console.log(event.tag, event.command.items); // a1 [ 'MESSAGES', 'UNSEEN' ]
  const items = { messages: 231, unseen: 5 };
  for (const piece of encodeResponse({ type: 'mailboxStatus', mailbox: event.command.mailbox, items })) {
    if (piece.type === 'bytes') console.log(new TextDecoder().decode(piece.bytes).trimEnd()); // * STATUS INBOX (MESSAGES 231 UNSEEN 5)
  }
}
