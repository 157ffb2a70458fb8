import { memoryPair } from '@posthorn/transport';
import { describe, expect, test } from 'vitest';
import { connect } from '../src/index.ts';
import { bytes, collect, playBig, selected, session, settle } from './support.ts';

const MIB = 1024 * 1024;

test('a consumer that does not read stops the server, after a bounded amount (pain 6)', async () => {
  const [mine, theirs] = memoryPair();
  let written = 0;
  const server = playBig(theirs, 64 * MIB, (octets) => {
    written = octets;
  });
  const client = await connect({ transport: mine });
  const inbox = await client.select('INBOX');
  let read = 0;
  for await (const message of inbox.fetch('1', { body: true })) {
    await settle();
    await settle();
    expect(written).toBeLessThan(2 * MIB);
    for await (const chunk of message.body.stream()) {
      read += chunk.length;
      if (read % (8 * MIB) < chunk.length) {
        await settle();
        expect(written - read).toBeLessThan(2 * MIB);
      }
    }
  }
  expect(read).toBe(64 * MIB);
  await server;
});

test('metadata that nobody takes stops the server', async () => {
  const [mine, theirs] = memoryPair();
  let sent = 0;
  const client = connect({ transport: mine });
  await theirs.write(bytes('* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n'));
  const imap = await client;
  const selecting = imap.select('INBOX');
  const tag = new TextDecoder().decode((await theirs.read())!).split(' ')[0];
  await theirs.write(bytes(`* 100000 EXISTS\r\n* OK [UIDVALIDITY 1] x\r\n* OK [UIDNEXT 1] x\r\n${tag} OK done\r\n`));
  const inbox = await selecting;
  const iterator = inbox.fetch('1:*', { size: true })[Symbol.asyncIterator]();
  const first = iterator.next();
  const fetchTag = new TextDecoder().decode((await theirs.read())!).split(' ')[0];
  const serve = async (): Promise<void> => {
    for (; sent < 100_000; sent++) await theirs.write(bytes(`* ${sent + 1} FETCH (UID ${sent + 1} RFC822.SIZE 1)\r\n`));
    await theirs.write(bytes(`${fetchTag} OK done\r\n`));
  };
  const serving = serve();
  expect((await first).done).toBe(false);
  for (let turn = 0; turn < 20; turn++) await settle();
  expect(sent).toBeLessThan(20_000);
  let count = 1;
  while (!(await iterator.next()).done) count++;
  expect(count).toBe(100_000);
  await serving;
});

describe('a command inside the loop never waits for the loop (pain 3)', () => {
  test('while a big body is on its way: what does not fit is fetched again', async () => {
    const size = 40 * MIB;
    const [mine, theirs] = memoryPair();
    const serve = async (): Promise<void> => {
      await playBig(theirs, size);
      let wanted = '';
      let pieces = 0;
      for (;;) {
        const chunk = await theirs.read();
        if (chunk === null) return;
        wanted += new TextDecoder().decode(chunk);
        for (let end = wanted.indexOf('\r\n'); end >= 0; end = wanted.indexOf('\r\n')) {
          const line = wanted.slice(0, end);
          wanted = wanted.slice(end + 2);
          const [, tag, rest] = /^(\S+) (.*)$/.exec(line)!;
          const partial = /BODY\.PEEK\[\]<(\d+)\.(\d+)>/.exec(rest!);
          if (partial === null) {
            await theirs.write(bytes(`${tag} OK done\r\n`));
            continue;
          }
          pieces++;
          const [offset, length] = [Number(partial[1]), Number(partial[2])];
          await theirs.write(bytes(`* 1 FETCH (UID 1 BODY[]<${offset}> {${length}}\r\n`));
          await theirs.write(new Uint8Array(length).fill(0x7a));
          await theirs.write(bytes(`)\r\n${tag} OK done, piece ${pieces}\r\n`));
        }
      }
    };
    const serving = serve();
    const client = await connect({ transport: mine });
    const inbox = await client.select('INBOX');
    let read = 0;
    for await (const message of inbox.fetch('1', { body: true })) {
      await client.noop();
      for await (const chunk of message.body.stream()) {
        read += chunk.length;
        expect(chunk[0]).toBe(0x7a);
      }
    }
    expect(read).toBe(size);
    client.destroy();
    await serving.catch(() => {});
  });

  test('while the queue is full: what does not fit is asked for again', async () => {
    const total = 30_000;
    const [mine, theirs] = memoryPair();
    const asked: string[] = [];
    const serve = async (): Promise<void> => {
      let wanted = '';
      for (;;) {
        const chunk = await theirs.read();
        if (chunk === null) return;
        wanted += new TextDecoder().decode(chunk);
        for (let end = wanted.indexOf('\r\n'); end >= 0; end = wanted.indexOf('\r\n')) {
          const [, tag, command] = /^(\S+) (.*)$/.exec(wanted.slice(0, end))!;
          wanted = wanted.slice(end + 2);
          asked.push(command!);
          if (command!.startsWith('SELECT'))
            await theirs.write(bytes(`* ${total} EXISTS\r\n* OK [UIDVALIDITY 1] x\r\n* OK [UIDNEXT 1] x\r\n`));
          const range = /^UID FETCH (\d+):(\d+|\*)/.exec(command!);
          for (
            let uid = Number(range?.[1] ?? 1);
            range !== null && uid <= Math.min(total, Number(range[2] === '*' ? total : range[2]));
            uid++
          ) {
            await theirs.write(bytes(`* ${uid} FETCH (UID ${uid} RFC822.SIZE 1)\r\n`));
          }
          await theirs.write(bytes(`${tag} OK done\r\n`));
        }
      }
    };
    const serving = serve();
    await theirs.write(bytes('* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n'));
    const client = await connect({ transport: mine });
    const inbox = await client.select('INBOX');
    const seen: number[] = [];
    for await (const message of inbox.fetch('1:*', { size: true })) {
      seen.push(message.uid);
      if (message.uid % 10_000 === 1) await inbox.store(`${message.uid}`, 'add', ['\\Seen'], { silent: true });
    }
    expect(seen).toEqual(Array.from({ length: total }, (_, index) => index + 1));
    expect(asked.filter((command) => command.startsWith('UID FETCH')).length).toBeGreaterThan(1);
    client.destroy();
    await serving.catch(() => {});
  });

  test('two loops, one inside the other', async () => {
    const { client } = await session(`${selected(3)}
      C: {a} UID FETCH 1:3 (UID FLAGS)
      S: * 1 FETCH (UID 1 FLAGS ())
      C: {b} UID FETCH 1:2 (UID RFC822.SIZE)
      S: * 2 FETCH (UID 2 FLAGS ())
      S: * 3 FETCH (UID 3 FLAGS ())
      S: {a} OK done
      S: * 1 FETCH (UID 1 RFC822.SIZE 1)
      S: * 2 FETCH (UID 2 RFC822.SIZE 2)
      S: {b} OK done`);
    const inbox = await client.select('INBOX');
    const seen: string[] = [];
    for await (const outer of inbox.fetch('1:3', { flags: true })) {
      seen.push(`outer ${outer.uid}`);
      if (outer.uid > 1) continue;
      for (const inner of await collect(inbox.fetch('1:2', { size: true }))) seen.push(`inner ${inner.uid}`);
    }
    expect(seen).toEqual(['outer 1', 'inner 1', 'inner 2', 'outer 2', 'outer 3']);
  });
});
