// Reads a maildrop with node-pop3: PORT USER PASSWORD retr|uidl. Prints how much it found.
import Pop3Command from 'node-pop3';

const [port, user, password, work] = process.argv.slice(2);
const pop3 = new Pop3Command({ host: '127.0.0.1', port: Number(port), user, password, timeout: 120_000 });
let found = 0;
if (work === 'uidl') found = (await pop3.UIDL()).length;
else for (const [number] of await pop3.LIST()) found += (await pop3.RETR(number)).length;
await pop3.QUIT();
console.log(found);
