import type { Transport } from '@posthorn/core';
import { utf8Bytes } from '@posthorn/core';
import { memoryPair } from '@posthorn/transport';
import { expect, test } from 'vitest';
import { BodyPace } from '../src/connection/body-pace.ts';
import { type ConnectOptions, connect } from '../src/index.ts';
import { settle, TestTimers } from './support.ts';

const SIZE = 200_000;

interface Dripping {
  readonly timers: TestTimers;
  /** Sends so many octets of the body, and lets so much time pass. */
  drip(octets: number, ms: number): Promise<void>;
  /** What reading comes to. */
  readonly outcome: () => { readonly octets: number; readonly code?: string };
}

/** A loop that reads the body of a message, while the test plays the server. */
async function dripping(timeouts: ConnectOptions['timeouts']): Promise<Dripping> {
  const [mine, theirs] = memoryPair();
  const timers = new TestTimers();
  const connecting = connect({ transport: mine, timers, timeouts });
  await theirs.write(utf8Bytes('* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n'));
  const client = await connecting;
  const selecting = client.select('INBOX');
  await answer(theirs, '* 1 EXISTS\r\n* OK [UIDVALIDITY 1] x\r\n* OK [UIDNEXT 2] x\r\n');
  const inbox = await selecting;
  const seen = { octets: 0 };
  const read = async (): Promise<void> => {
    for await (const { body } of inbox.fetch('1', { body: true })) {
      for await (const chunk of body.stream()) seen.octets += chunk.length;
    }
  };
  read().catch((error: { readonly code: string }) => Object.assign(seen, { code: error.code }));
  await theirs.read();
  await theirs.write(utf8Bytes(`* 1 FETCH (UID 1 BODY[] {${SIZE}}\r\n`));
  return {
    timers,
    outcome: () => seen,
    drip: async (octets, ms) => {
      await theirs.write(new Uint8Array(octets).fill(0x61));
      await settle();
      await timers.advance(ms);
    },
  };
}

async function answer(theirs: Transport, untagged: string): Promise<void> {
  const line = new TextDecoder().decode((await theirs.read())!);
  await theirs.write(utf8Bytes(`${untagged}${line.split(' ')[0]} OK done\r\n`));
}

test('a body that drips is given up when a least pace was asked for (G3)', async () => {
  const { drip, outcome } = await dripping({ minBytesPerSecond: 1024 });
  for (let second = 0; second < 29; second++) await drip(500, 1000);
  expect(outcome()).toEqual({ octets: 29 * 500 });
  for (let second = 0; second < 3; second++) await drip(500, 1000).catch(() => {});
  expect(outcome()).toMatchObject({ code: 'CONNECTION_TIMEOUT' });
});

test('a body that is fast enough, or slow where any pace will do, is read', async () => {
  const fast = await dripping({ minBytesPerSecond: 1024 });
  const slow = await dripping({});
  for (let second = 0; second < 90; second++) {
    await fast.drip(1100, 1000);
    await slow.drip(500, 1000);
  }
  expect(fast.outcome()).toEqual({ octets: 90 * 1100 });
  expect(slow.outcome()).toEqual({ octets: 90 * 500 });
});

test('time in which nothing was read is not held against the server', () => {
  let now = 0;
  const pace = new BodyPace(() => now, 1000);
  pace.begin();
  expect(pace.isTooSlow(10_000)).toBe(false);
  pace.hold();
  pace.hold();
  now += 60_000;
  pace.goOn();
  now += 20_000;
  expect(pace.isTooSlow(5000)).toBe(false);
  now += 10_000;
  expect(pace.isTooSlow(1)).toBe(true);
});
