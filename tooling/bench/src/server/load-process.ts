// Makes work for servers from a process of its own, so that it costs the same whoever answers.
import type { FetchLoad, HoldLoad, Load, LoadResult, LoginLoad, MixLoad } from './load.ts';
import { Random } from './random.ts';
import { RawConnection } from './raw-connection.ts';

const MESSAGE = [
  'From: Load <load@example.org>',
  'To: Server <server@example.org>',
  'Subject: One of very many messages',
  'Date: Tue, 02 Jan 2024 08:00:00 +0000',
  'Message-ID: <load@example.org>',
  'Content-Type: text/plain; charset=utf-8',
  '',
  ...Array.from({ length: 24 }, () => 'This line of seventy-two octets stands here for what people would write.'),
  '',
].join('\r\n');

const held: RawConnection[] = [];

process.on('message', (load: Load) => {
  run(load).then(
    (result) => process.send!(result),
    (error: unknown) => {
      process.send!({ error: String(error) });
    },
  );
});
process.send!('ready');

function run(load: Load): Promise<LoadResult> {
  switch (load.type) {
    case 'fetch':
      return fetchAll(load);
    case 'mix':
      return mix(load);
    case 'hold':
      return hold(load);
    case 'login':
      return loginAgain(load);
    case 'release':
      return release();
    default:
      return load satisfies never;
  }
}

async function fetchAll({ ports, user, password, command }: FetchLoad): Promise<LoadResult> {
  const connection = await RawConnection.open(ports[0]!);
  await connection.login(user, password);
  await connection.run('SELECT INBOX');
  const before = connection.octets;
  const start = performance.now();
  await connection.run(command);
  const milliseconds = performance.now() - start;
  connection.close();
  return { milliseconds, octets: connection.octets - before, latencies: [] };
}

/** Connections that each do one thing after the other, in an order of their own. */
async function mix(load: MixLoad): Promise<LoadResult> {
  const { ports, user, password, connections, operations, mailboxes, seed } = load;
  const open: RawConnection[] = [];
  for (let index = 0; index < connections; index++) {
    const connection = await RawConnection.open(ports[index % ports.length]!);
    await connection.login(user, password);
    await connection.run(`SELECT Box${index % mailboxes}`);
    open.push(connection);
  }
  const latencies: number[] = [];
  const start = performance.now();
  await Promise.all(
    open.map(async (connection, index) => {
      const random = new Random(seed * 1000 + index);
      for (let done = 0; done < operations; done++) {
        const command = commandOf(random, load, index);
        const began = performance.now();
        await connection.run(command);
        latencies.push(performance.now() - began);
      }
    }),
  );
  const milliseconds = performance.now() - start;
  const octets = open.reduce((sum, connection) => sum + connection.octets, 0);
  for (const connection of open) connection.close();
  return { milliseconds, octets, latencies: latencies.toSorted((left, right) => left - right) };
}

/** Each of the five kinds as often as the others. */
function commandOf(random: Random, { messages, mailboxes }: MixLoad, index: number): string {
  const mailbox = `Box${index % mailboxes}`;
  const number = 1 + random.below(messages);
  switch (random.below(5)) {
    case 0:
      return `SELECT ${mailbox}`;
    case 1:
      return 'NOOP';
    case 2:
      return `FETCH ${number} (UID FLAGS INTERNALDATE ENVELOPE BODY.PEEK[])`;
    case 3:
      return `STORE ${number} ${random.below(2) === 0 ? '+' : '-'}FLAGS (\\Flagged)`;
    default:
      return `APPEND ${mailbox} (\\Seen) {${MESSAGE.length}+}\r\n${MESSAGE}`;
  }
}

/** Opens connections that do nothing, until they are released. */
async function hold({ ports, user, password, connections, state }: HoldLoad): Promise<LoadResult> {
  const start = performance.now();
  for (let index = 0; index < connections; index++) {
    const connection = await RawConnection.open(ports[index % ports.length]!);
    held.push(connection);
    if (state === 'greeted') continue;
    await connection.login(user, password);
    await connection.run('SELECT INBOX');
    await connection.idle();
  }
  return { milliseconds: performance.now() - start, octets: 0, latencies: [] };
}

async function release(): Promise<LoadResult> {
  for (const connection of held.splice(0)) connection.close();
  return { milliseconds: 0, octets: 0, latencies: [] };
}

async function loginAgain({ ports, user, password, times }: LoginLoad): Promise<LoadResult> {
  const latencies: number[] = [];
  const start = performance.now();
  for (let done = 0; done < times; done++) {
    const began = performance.now();
    const connection = await RawConnection.open(ports[0]!);
    await connection.login(user, password);
    latencies.push(performance.now() - began);
    connection.close();
  }
  const milliseconds = performance.now() - start;
  return { milliseconds, octets: 0, latencies: latencies.toSorted((left, right) => left - right) };
}
