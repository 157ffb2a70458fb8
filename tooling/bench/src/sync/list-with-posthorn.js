// Lists the metadata of every message of the INBOX, as a program of its own.
import { connect } from '@posthorn/imap-client';

const { BENCH_PORT, BENCH_USER, BENCH_PASSWORD, BENCH_MESSAGES } = process.env;
const client = await connect({
  host: '127.0.0.1',
  port: Number(BENCH_PORT),
  security: 'none',
  allowInsecureAuth: true,
  auth: { user: BENCH_USER ?? '', password: BENCH_PASSWORD ?? '' },
});
const inbox = await client.select('INBOX', { readOnly: true });
let count = 0;
const query = /** @type {const} */ ({
  flags: true,
  internalDate: true,
  size: true,
  envelope: true,
  bodyStructure: true,
});
for await (const { uid, envelope, bodyStructure } of inbox.fetch('1:*', query)) {
  if (uid > 0 && envelope !== undefined && bodyStructure !== undefined) count += 1;
}
await client.close();
if (count !== Number(BENCH_MESSAGES)) throw new Error(`${count} messages instead of ${BENCH_MESSAGES}`);
