import { setOf } from '@posthorn/message-set';
import { expectEqual, expectRefusal } from '../expect.ts';
import type { Section } from '../harness.ts';
import { appendMail, bytesOf, EVERY, inChunks, mail, readBytes } from '../mail.ts';

export const bodySection: Section = (test) => {
  test('a handle reads more than once', async ({ inbox }) => {
    const handle = await inbox.read(await appendMail(inbox, 'twice'));
    expectEqual(await bytesOf(handle), mail('twice'), 'the first reading');
    expectEqual(await bytesOf(handle), mail('twice'), 'the second reading');
    await handle.release();
    await handle.release();
  });

  test('a handle survives the expunge of its message', async ({ inbox }) => {
    const message = await appendMail(inbox, 'gone');
    const handle = await inbox.read(message);
    await inbox.expunge(setOf([message]));
    expectEqual(await bytesOf(handle), mail('gone'), 'the octets of the expunged message');
    await handle.release();
  });

  test('a handle survives a move', async ({ account, inbox }) => {
    await account.create(['Archive']);
    const handle = await inbox.read(await appendMail(inbox, 'moved'));
    await account.transfer(['INBOX'], EVERY, ['Archive'], 'move');
    expectEqual(await bytesOf(handle), mail('moved'), 'the octets of the moved message');
    await handle.release();
  });

  test('a handle survives a change of flags and a rename', async ({ account }) => {
    await account.create(['Old']);
    const mailbox = await account.mailbox(['Old']);
    const message = await appendMail(mailbox, 'flagged');
    const handle = await mailbox.read(message);
    await mailbox.store(EVERY, 'add', ['\\Seen', '$Forwarded']);
    await account.rename(['Old'], ['New']);
    expectEqual(await bytesOf(handle), mail('flagged'), 'the octets');
    await handle.release();
  });

  test('a handle survives the deletion of its mailbox', async ({ account }) => {
    await account.create(['Gone']);
    const mailbox = await account.mailbox(['Gone']);
    const handle = await mailbox.read(await appendMail(mailbox, 'kept'));
    await account.delete(['Gone']);
    expectEqual(await bytesOf(handle), mail('kept'), 'the octets');
    await handle.release();
  });

  test('a reader in the middle of a body keeps it when the message goes', async ({ inbox }) => {
    const bytes = mail('slow', 'a line of text\r\n'.repeat(20_000));
    const { uids } = await inbox.append([{ body: inChunks(bytes, [65_536]) }]);
    const handle = await inbox.read(uids[0]!);
    const chunks: Uint8Array[] = [];
    for await (const chunk of handle.stream()) {
      if (chunks.length === 0) await inbox.expunge(EVERY);
      chunks.push(chunk.slice());
    }
    await handle.release();
    let length = 0;
    for (const chunk of chunks) {
      expectEqual(chunk, bytes.subarray(length, length + chunk.length), `the octets from ${length}`);
      length += chunk.length;
    }
    expectEqual(length, bytes.length, 'octets read');
  });

  test('a UID without message is refused (P21)', async ({ inbox }) => {
    const message = await appendMail(inbox, 'gone');
    await inbox.expunge(EVERY);
    await expectRefusal(inbox.read(message), 'STORE_EXPUNGED', 'reading an expunged message');
    const later = await appendMail(inbox, 'later');
    expectEqual(await readBytes(inbox, later), mail('later'), 'the next message');
    await expectRefusal(inbox.read(message), 'STORE_EXPUNGED', 'reading the expunged message again');
  });
};
