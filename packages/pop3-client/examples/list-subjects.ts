import { connect } from '@posthorn/pop3-client';

/** Prints size and subject of every message, without downloading them. */
export async function listSubjects(options: Parameters<typeof connect>[0]): Promise<void> {
  const client = await connect(options);
  const sizes = await client.list();
  const numbers = sizes.map(({ number }) => number);
  for await (const message of client.retrieveMany(numbers, { lines: 0 })) {
    const header = new TextDecoder().decode(await message.bytes());
    const subject = /^Subject: *(.*)$/im.exec(header)?.[1] ?? '(none)';
    console.log(message.number, sizes[message.number - 1]?.octets, subject);
  }
  await client.close(); // nothing is deleted but by quit() and fetchNew()
}
