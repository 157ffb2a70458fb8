import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { connect, openSeenFile } from '@posthorn/pop3-client';

/** Saves new mail as files, each message once, and deletes at the server what was saved two weeks ago. */
export async function drainAccount(options: Parameters<typeof connect>[0], folder: string): Promise<void> {
  const seen = await openSeenFile(`${folder}/seen.jsonl`);
  const client = await connect(options); // TLS, port 995
  try {
    for await (const message of client.fetchNew(seen, { policy: { deleteAfterDays: 14 } })) {
      const name = `${Date.now()}.${message.number}.eml`;
      await pipeline(message.stream(), createWriteStream(`${folder}/${name}`, { flags: 'wx', flush: true }));
    } // asking for the next message says that this one is stored
  } finally {
    await client.close();
    await seen.close();
  }
}
