import { connect } from '@posthorn/imap-client';

/** Prints new messages as they arrive, until the signal is aborted. */
export async function watchInbox(options: Parameters<typeof connect>[0], signal: AbortSignal): Promise<void> {
  const client = await connect(options);
  const inbox = await client.select('INBOX', { readOnly: true });
  let next = inbox.uidNext ?? 1;
  for await (const change of inbox.watch({ signal })) {
    if (change.type !== 'exists') continue;
    for await (const message of inbox.fetch(`${next}:*`, { envelope: true })) {
      console.log(message.uid, message.envelope.subject);
      next = message.uid + 1;
    }
  }
  await client.close();
}
