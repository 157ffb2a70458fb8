import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import Imap from 'imap';
import { ImapFlow } from 'imapflow';
import { afterEach, describe, expect, it } from 'vitest';
import { type ImapAccount, pop3Mail, startImapAccount } from '../src/index.ts';

let account: ImapAccount | undefined;
afterEach(async () => {
  await account?.stop();
  account = undefined;
});

const mail = pop3Mail().slice(0, 8);
const NEW = 'Subject: from node\r\n\r\nbody\r\n';
const text = (octets: Uint8Array | undefined): string => Buffer.from(octets ?? []).toString('latin1');

describe.each(['memory', 'maildir'] as const)('over %s', (kind) => {
  it.each([false, true])('ImapFlow does its whole job, TLS from the start: %s', { timeout: 60_000 }, async (secure) => {
    account = await startImapAccount(kind);
    const { user, password, port, securePort, ca } = account;
    await account.deliver(['INBOX'], ...mail);
    const client = new ImapFlow({
      host: 'localhost',
      port: secure ? securePort : port,
      secure,
      doSTARTTLS: !secure,
      tls: { ca },
      auth: { user, pass: password },
      logger: false,
    });
    await client.connect();
    expect(await client.mailboxCreate(['Work', 'Entwürfe'])).toMatchObject({ path: 'Work/Entwürfe', created: true });
    await client.mailboxCreate('Gone');
    await client.mailboxRename('Gone', 'Kept');
    await client.mailboxSubscribe('Kept');
    const listed = (await client.list()).map(({ path, subscribed }) => ({ path, subscribed }));
    expect(listed).toContainEqual({ path: 'Work/Entwürfe', subscribed: true });
    expect(listed).toContainEqual({ path: 'Kept', subscribed: true });
    expect(await client.status('INBOX', { messages: true, uidNext: true, unseen: true })).toMatchObject({
      messages: mail.length,
      uidNext: mail.length + 1,
      unseen: mail.length,
    });

    const lock = await client.getMailboxLock('INBOX');
    const bodies: string[] = [];
    const query = { uid: true, flags: true, envelope: true, bodyStructure: true, internalDate: true, size: true };
    for await (const message of client.fetch('1:*', { ...query, source: true })) {
      expect(message.size).toBe(mail[bodies.length]!.length);
      expect(message.bodyStructure?.type).toContain('/');
      bodies.push(text(message.source));
    }
    expect(bodies).toEqual(mail);
    const { content } = await client.download('1');
    expect(text(await buffer(content!))).toBe(mail[0]);
    expect(await client.search({ header: { subject: 'dots' } }, { uid: true })).toEqual([1]);
    expect(await client.search({ or: [{ uid: '1:2' }, { seen: true }] }, { uid: true })).toEqual([1, 2]);
    await client.messageFlagsAdd('1:2', ['\\Seen', '$Done'], { uid: true });
    await client.messageFlagsRemove('2', ['\\Seen'], { uid: true });
    await client.messageFlagsSet('3', ['\\Flagged'], { uid: true });
    expect([...((await client.fetchOne('2', { flags: true }, { uid: true })) || { flags: [] }).flags!]).toEqual([
      '$Done',
    ]);
    expect(await client.append('Work/Entwürfe', NEW, ['\\Draft'])).toMatchObject({ uid: 1 });
    const copied = await client.messageCopy('1:2', 'Work/Entwürfe', { uid: true });
    expect(copied && [...(copied.uidMap ?? [])]).toEqual([
      [1, 2],
      [2, 3],
    ]);
    const moved = await client.messageMove('3', 'Kept', { uid: true });
    expect(moved && [...(moved.uidMap ?? [])]).toEqual([[3, 1]]);
    expect(await client.messageDelete('1', { uid: true })).toBe(true);

    const arrival = once(client, 'exists');
    const idling = client.idle();
    await account.deliver(['INBOX'], NEW);
    expect((await arrival)[0]).toMatchObject({ path: 'INBOX', count: mail.length - 1 });
    await client.noop();
    await idling;
    lock.release();
    await client.mailboxDelete('Kept');
    await client.logout();

    const left = await account.messages(['INBOX']);
    expect(left.map((each) => each.text)).toEqual([mail[1], ...mail.slice(3), NEW]);
    const work = await account.messages(['Work', 'Entwürfe']);
    expect(work.map((each) => each.text)).toEqual([NEW, mail[0], mail[1]]);
    expect(work[0]!.flags).toEqual(['\\Draft']);
  });

  it.each([false, true])('node-imap does its whole job, TLS: %s', { timeout: 60_000 }, async (tls) => {
    account = await startImapAccount(kind);
    const { user, password, port, securePort, ca } = account;
    await account.deliver(['INBOX'], ...mail);
    const client = new Imap({
      user,
      password,
      host: 'localhost',
      port: tls ? securePort : port,
      tls,
      tlsOptions: { ca },
    });
    const ready = once(client, 'ready');
    client.connect();
    await ready;
    const run = <Result>(start: (done: (error: Error | null | undefined, result: Result) => void) => void) =>
      new Promise<Result>((resolve, reject) => start((error, result) => (error ? reject(error) : resolve(result))));

    await run((done) => client.addBox('Work/Entwürfe', done as () => void));
    await run((done) => client.addBox('Gone', done as () => void));
    await run((done) => client.renameBox('Gone', 'Kept', done as () => void));
    await run((done) => client.subscribeBox('Kept', done as () => void));
    const boxes = await run<Imap.MailBoxes>((done) => client.getBoxes(done));
    expect(Object.keys(boxes).toSorted()).toEqual(['INBOX', 'Kept', 'Work']);
    expect(Object.keys(boxes['Work']!.children)).toEqual(['Entwürfe']);
    const status = await run<Imap.Box>((done) => client.status('INBOX', done));
    expect(status.messages.total).toBe(mail.length);
    const box = await run<Imap.Box>((done) => client.openBox('INBOX', false, done));
    expect(box).toMatchObject({ name: 'INBOX', readOnly: false, uidnext: mail.length + 1, newKeywords: true });

    expect(
      await fetchBodies(client.seq.fetch('1:*', { bodies: '', struct: true, envelope: true, size: true })),
    ).toEqual(mail);
    expect(await run((done) => client.search([['SUBJECT', 'dots']], done))).toEqual([1]);
    expect(await run((done) => client.search([['OR', ['UID', '1:2'], 'SEEN']], done))).toEqual([1, 2]);
    await run((done) => client.addFlags('1:2', ['\\Seen'], done as () => void));
    await run((done) => client.addKeywords('1:2', '$Done', done as () => void));
    await run((done) => client.delFlags('2', '\\Seen', done as () => void));
    await run((done) => client.setFlags('3', '\\Flagged', done as () => void));
    await run((done) => client.append(NEW, { mailbox: 'Work/Entwürfe', flags: ['\\Draft'] }, done as () => void));
    await run((done) => client.copy('1:2', 'Work/Entwürfe', done as () => void));
    await run((done) => client.move('3', 'Kept', done as () => void));
    await run((done) => client.addFlags('1', '\\Deleted', done as () => void));
    await run((done) => client.expunge('1', done as () => void));

    const arrival = once(client, 'mail');
    await account.deliver(['INBOX'], NEW);
    expect((await arrival)[0]).toBe(1);
    await run((done) => client.closeBox(false, done as () => void));
    await run((done) => client.delBox('Kept', done as () => void));
    const end = once(client, 'close');
    client.end();
    await end;

    const left = await account.messages(['INBOX']);
    expect(left.map((each) => each.text)).toEqual([mail[1], ...mail.slice(3), NEW]);
    expect(left[0]!.flags).toEqual(['$Done']);
    const work = await account.messages(['Work', 'Entwürfe']);
    expect(work.map((each) => each.text)).toEqual([NEW, mail[0], mail[1]]);
    expect(work[0]!.flags).toEqual(['\\Draft']);
  });
});

/** The bodies of a fetch in the order in which they come. */
async function fetchBodies(fetching: Imap.ImapFetch): Promise<readonly string[]> {
  const bodies: string[] = [];
  fetching.on('message', (message) => {
    // Its streams are older than asynchronous iteration.
    message.on('body', (stream) => {
      const place = bodies.push('') - 1;
      stream.on('data', (chunk: Buffer) => {
        bodies[place] += chunk.toString('latin1');
      });
    });
  });
  await new Promise<void>((resolve, reject) => {
    fetching.once('error', reject);
    fetching.once('end', resolve);
  });
  return bodies;
}
