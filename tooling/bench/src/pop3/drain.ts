import { connect } from 'node:net';

/**
 * Gets all messages of a maildrop, pipelined, for each message it is sent, and reads of the octets no more than it needs
 * to count them: what a server takes is to show, not what a client does.
 */
const [port = '', user = '', password = '', count = ''] = process.argv.slice(2);
const LAST_LINE = '\r\n.\r\n';

process.on('message', () => {
  const retrievals = Array.from({ length: Number(count) }, (_, index) => `RETR ${index + 1}\r\n`).join('');
  const socket = connect(Number(port), '127.0.0.1');
  let [octets, found, start] = [0, 0, 0];
  let head = '';
  let tail: Buffer = Buffer.alloc(0);
  socket.write(`USER ${user}\r\nPASS ${password}\r\n`);
  socket.on('data', (chunk) => {
    if (start === 0) {
      head += chunk.toString('latin1');
      // Greeting, USER, PASS.
      if (head.split('\r\n').length < 4) return;
      start = performance.now();
      socket.write(retrievals);
      return;
    }
    octets += chunk.length;
    const searched = Buffer.concat([tail, chunk]);
    for (let end = searched.indexOf(LAST_LINE); end >= 0; end = searched.indexOf(LAST_LINE, end + 2)) found++;
    tail = Buffer.from(searched.subarray(Math.max(0, searched.length - LAST_LINE.length + 1)));
    if (found < Number(count)) return;
    process.send?.({ milliseconds: performance.now() - start, octets, found });
    socket.destroy();
  });
  socket.once('close', () => {
    if (found < Number(count)) throw new Error(`the server ended the session: ${head}`);
  });
});
process.send?.('ready');
