import { utf8Bytes } from '@posthorn/core';
import { Pop3ServerProtocol } from '@posthorn/pop3-server/protocol';

const protocol = new Pop3ServerProtocol({
  offer: () => ({
    canStartTls: false,
    canLogin: true,
    mechanisms: [],
    loginDelaySeconds: 0,
    expireDays: undefined,
  }),
});
protocol.receive(utf8Bytes('LANG en\r\nRETR 1\r\n'));
for (let event = protocol.next(); event !== undefined; event = protocol.next()) {
  if (event.type === 'command') console.log(event.command.name);
  else if (event.type === 'refused') console.log(event.reply.text);
}
