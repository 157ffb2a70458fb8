import { utf8Bytes } from '@posthorn/core';
import { ImapServerProtocol } from '@posthorn/imap-server/protocol';

const protocol = new ImapServerProtocol({
  loginOffer: () => ({ canStartTls: false, canLogin: true, mechanisms: [] }),
});
protocol.receive(utf8Bytes('a1 NOOP\r\na2 FETCH 1 FLAGS\r\n'));
for (let event = protocol.next(); event !== undefined; event = protocol.next()) {
  if (event.type === 'command') console.log(event.tag, event.command.name);
  else if (event.type === 'refused') console.log(event.response.tag, event.response.status, event.response.text);
}
