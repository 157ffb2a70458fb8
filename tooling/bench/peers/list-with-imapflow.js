// Lists the metadata of every message of the INBOX, as a program of its own.
import { ImapFlow } from 'imapflow';

const { BENCH_PORT, BENCH_USER, BENCH_PASSWORD, BENCH_MESSAGES } = process.env;
const client = new ImapFlow({
  host: '127.0.0.1',
  port: Number(BENCH_PORT),
  secure: false,
  doSTARTTLS: false,
  auth: { user: BENCH_USER, pass: BENCH_PASSWORD },
  logger: false,
});
await client.connect();
await client.mailboxOpen('INBOX', { readOnly: true });
let count = 0;
const query = { uid: true, flags: true, internalDate: true, size: true, envelope: true, bodyStructure: true };
for await (const { uid, envelope, bodyStructure } of client.fetch('1:*', query)) {
  if (uid > 0 && envelope !== undefined && bodyStructure !== undefined) count += 1;
}
await client.logout();
if (count !== Number(BENCH_MESSAGES)) throw new Error(`${count} messages instead of ${BENCH_MESSAGES}`);
