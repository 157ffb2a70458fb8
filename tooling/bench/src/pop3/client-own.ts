/** Reads a maildrop with Posthorn: `pop3-client-own PORT USER PASSWORD retr|uidl`. Prints how much it found. */
import { connect } from '@posthorn/pop3-client';

const [port, user, password, work] = process.argv.slice(2);
const client = await connect({
  host: '127.0.0.1',
  port: Number(port),
  security: 'none',
  allowInsecureAuth: true,
  auth: { user: user!, password: password!, mechanisms: ['USER'] },
});
let found = 0;
if (work === 'uidl') found = (await client.uniqueIds()).length;
else {
  const numbers = (await client.list()).map(({ number }) => number);
  for await (const message of client.retrieveMany(numbers))
    for await (const chunk of message.stream()) found += chunk.length;
}
await client.quit();
process.stdout.write(`${found}\n`);
