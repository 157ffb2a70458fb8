import { playPop3, type ScriptedMail, ScriptedMaildrop } from '@posthorn/testkit';
import { memoryPair } from '@posthorn/transport';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CommitFailedError,
  connect,
  type FetchNewOptions,
  type FetchWarning,
  memorySeen,
  type NewMessage,
  type Pop3Client,
  readMaildrop,
  type SeenMessages,
} from '../src/index.ts';
import { AUTH, outcome, text } from './support.ts';

const DAY = 86_400_000;

/** A maildrop and the sessions with it. */
class Maildrop extends ScriptedMaildrop {
  async session<T>(work: (client: Pop3Client) => Promise<T>): Promise<T> {
    const [mine, theirs] = memoryPair();
    const played = this.play(theirs);
    const client = await connect({ transport: mine, auth: AUTH, allowInsecureAuth: true });
    try {
      return await work(client);
    } finally {
      client.destroy();
      await played;
    }
  }

  /** What is new, as text, in one session. */
  fetch(seen: SeenMessages, options: FetchNewOptions = {}): Promise<string[]> {
    return this.session(async (client) => {
      const got: string[] = [];
      for await (const message of client.fetchNew(seen, options)) got.push(text(await message.bytes()));
      return got;
    });
  }
}

const mail = (id: string, body = id): ScriptedMail => ({ id, text: `Subject: ${id}\r\n\r\n${body}\r\n` });
const keys = (seen: SeenMessages): string[] => [...seen.entries()].map(({ key }) => key).sort();

describe('what is new', () => {
  test('comes once', async () => {
    const drop = new Maildrop([mail('a'), mail('b')]);
    const seen = memorySeen();
    expect(await drop.fetch(seen)).toEqual([mail('a').text, mail('b').text]);
    expect(await drop.fetch(seen)).toEqual([]);
    drop.mail = [mail('c'), ...drop.mail];
    expect(await drop.fetch(seen)).toEqual([mail('c').text]);
    expect(drop.lines.filter((line) => line.startsWith('DELE'))).toEqual([]);
    expect(keys(seen)).toEqual(['uidl:a', 'uidl:b', 'uidl:c']);
  });

  test('has what the server tells of it', async () => {
    const drop = new Maildrop([mail('a')]);
    await drop.session(async (client) => {
      for await (const message of client.fetchNew(memorySeen())) {
        expect(message).toMatchObject({ number: 1, uniqueId: 'a', key: 'uidl:a', size: mail('a').text.length });
        const lines: string[] = [];
        for await (const line of message.lines()) lines.push(text(line));
        expect(lines).toEqual(['Subject: a', '', 'a']);
        expect(message.received).toBe(message.size);
      }
    });
  });

  test('is a maildrop without messages', async () => {
    expect(await new Maildrop([]).fetch(memorySeen())).toEqual([]);
  });
});

describe('leaving', () => {
  async function leave(work: (message: NewMessage) => Promise<void>): Promise<[string[], string[], string[]]> {
    const drop = new Maildrop([mail('a'), mail('b'), mail('c')]);
    const seen = memorySeen();
    const first: string[] = [];
    await drop.session(async (client) => {
      for await (const message of client.fetchNew(seen, { policy: 'deleteStored' })) {
        first.push(text(await message.bytes()));
        if (message.number === 2) {
          await work(message);
          break;
        }
      }
    });
    const before = keys(seen);
    expect(drop.lines.some((line) => /^(DELE|QUIT)/.test(line))).toBe(false);
    expect(drop.mail).toHaveLength(3);
    return [first, before, await drop.fetch(seen, { policy: 'deleteStored' })];
  }

  test('the message at which the loop is left comes again', async () => {
    const [first, before, second] = await leave(async () => {});
    expect(first).toEqual([mail('a').text, mail('b').text]);
    expect(before).toEqual(['uidl:a']);
    expect(second).toEqual([mail('b').text, mail('c').text]);
  });

  test('unless it was said to be stored', async () => {
    const [, before, second] = await leave((message) => message.stored());
    expect(before).toEqual(['uidl:a', 'uidl:b']);
    expect(second).toEqual([mail('c').text]);
  });

  test('a message that was not read does not count', async () => {
    const drop = new Maildrop([mail('a'), mail('b')]);
    const seen = memorySeen();
    const warnings: FetchWarning[] = [];
    await drop.session(async (client) => {
      const options = { policy: 'deleteStored' as const, onWarning: (warning: FetchWarning) => warnings.push(warning) };
      for await (const message of client.fetchNew(seen, options)) {
        await expect(message.stored()).rejects.toMatchObject({ code: 'INVALID_STATE' });
        if (message.number === 1) for await (const _ of message.stream()) break;
        else await message.bytes();
      }
    });
    expect(warnings).toEqual([{ type: 'notRead', number: 1, uniqueId: 'a' }]);
    expect(drop.mail.map(({ id }) => id)).toEqual(['a']);
    expect(await drop.fetch(seen)).toEqual([mail('a').text]);
  });

  test('an error of the caller is handed on, and the message comes again', async () => {
    const drop = new Maildrop([mail('a')]);
    const seen = memorySeen();
    const work = drop.session(async (client) => {
      for await (const message of client.fetchNew(seen, { policy: 'deleteStored' })) {
        await message.bytes();
        throw new Error('disk full');
      }
    });
    await expect(work).rejects.toThrow('disk full');
    expect(await drop.fetch(seen)).toEqual([mail('a').text]);
  });

  test('a memory that fails stops everything before a deletion', async () => {
    const drop = new Maildrop([mail('a'), mail('b')]);
    const seen: SeenMessages = { ...memorySeen(), put: () => Promise.reject(new Error('disk full')) };
    await expect(drop.fetch(seen, { policy: 'deleteStored' })).rejects.toThrow('disk full');
    expect(drop.mail).toHaveLength(2);
    expect(drop.lines.some((line) => line.startsWith('DELE'))).toBe(false);
  });
});

describe('deleting', () => {
  test('what was stored', async () => {
    const drop = new Maildrop([mail('a'), mail('b')]);
    const seen = memorySeen();
    await drop.fetch(seen);
    drop.mail = [...drop.mail, mail('c')];
    expect(await drop.fetch(seen, { policy: 'deleteStored' })).toEqual([mail('c').text]);
    expect(drop.mail).toEqual([]);
    expect(keys(seen)).toEqual([]);
    expect(drop.lines.filter((line) => line.startsWith('DELE'))).toEqual(['DELE 3', 'DELE 2', 'DELE 1']);
  });

  test('what was stored so many days ago', async () => {
    const drop = new Maildrop([mail('a')]);
    const seen = memorySeen();
    const at = (days: number): Promise<string[]> =>
      drop.fetch(seen, { policy: { deleteAfterDays: 7 }, now: () => days * DAY });
    await at(100);
    drop.mail = [...drop.mail, mail('b')];
    await at(106.9);
    expect(drop.mail.map(({ id }) => id)).toEqual(['a', 'b']);
    await at(107);
    expect(drop.mail.map(({ id }) => id)).toEqual(['b']);
    expect(keys(seen)).toEqual(['uidl:b']);
  });

  test.each([-1, Number.NaN])('refuses %d days', async (deleteAfterDays) => {
    await expect(new Maildrop([]).fetch(memorySeen(), { policy: { deleteAfterDays } })).rejects.toThrow(RangeError);
  });

  test('is told of when the server refuses it', async () => {
    const drop = new Maildrop([mail('a')]);
    drop.faults = { dele: '-ERR locked' };
    const seen = memorySeen();
    const warnings: FetchWarning[] = [];
    await drop.fetch(seen, { policy: 'deleteStored', onWarning: (warning) => warnings.push(warning) });
    expect(warnings).toEqual([{ type: 'notDeleted', number: 1, uniqueId: 'a' }]);
    drop.faults = {};
    expect(await drop.fetch(seen, { policy: 'deleteStored' })).toEqual([]);
    expect(drop.mail).toEqual([]);
  });

  test('is tried again when QUIT fails', async () => {
    const drop = new Maildrop([mail('a'), mail('b')]);
    drop.faults = { quit: '-ERR some deleted messages not removed' };
    const seen = memorySeen();
    const error = await outcome(drop.fetch(seen, { policy: 'deleteStored' }));
    expect(error).toBeInstanceOf(CommitFailedError);
    expect(error).toMatchObject({ code: 'POP3_COMMIT_FAILED', deleted: [2, 1] });
    expect((error as Error).message).toContain('2 deletions');
    expect(keys(seen)).toEqual(['uidl:a', 'uidl:b']);
    drop.faults = {};
    expect(await drop.fetch(seen, { policy: 'deleteStored' })).toEqual([]);
    expect(drop.mail).toEqual([]);
  });

  test('leaves alone what the server would not send', async () => {
    const drop = new Maildrop([mail('a'), mail('b')]);
    drop.faults = { refuse: 1 };
    const seen = memorySeen();
    const warnings: FetchWarning[] = [];
    const options: FetchNewOptions = { policy: 'deleteStored', onWarning: (warning) => warnings.push(warning) };
    expect(await drop.fetch(seen, options)).toEqual([mail('b').text]);
    expect(warnings).toEqual([{ type: 'refused', number: 1, uniqueId: 'a' }]);
    expect(drop.mail.map(({ id }) => id)).toEqual(['a']);
  });
});

describe('servers without good ids', () => {
  test.each([
    ['no UIDL', { noUidl: true }],
    ['neither UIDL nor TOP', { noUidl: true, noTop: true }],
  ])('%s', async (_, faults) => {
    const drop = new Maildrop([mail('a'), mail('b')]);
    drop.faults = faults;
    const seen = memorySeen();
    expect(await drop.fetch(seen)).toEqual([mail('a').text, mail('b').text]);
    expect(await drop.fetch(seen)).toEqual([]);
    drop.mail = [mail('c'), mail('b'), mail('a')];
    expect(await drop.fetch(seen, { policy: 'deleteStored' })).toEqual([mail('c').text]);
    expect(drop.mail).toEqual([]);
  });

  test('ids that several messages have', async () => {
    const drop = new Maildrop([mail('same', '1'), mail('own'), mail('same', '2')]);
    const seen = memorySeen();
    expect(await drop.fetch(seen)).toHaveLength(3);
    expect(await drop.fetch(seen)).toEqual([]);
    drop.mail = [mail('same', '3'), ...drop.mail.toReversed()];
    expect(await drop.fetch(seen)).toEqual([mail('same', '3').text]);
  });

  test('messages that are the same in every octet', async () => {
    const drop = new Maildrop([mail('same'), mail('same')]);
    const seen = memorySeen();
    expect(await drop.fetch(seen)).toHaveLength(2);
    drop.mail = [...drop.mail, mail('same')];
    expect(await drop.fetch(seen)).toHaveLength(1);
    expect(await drop.fetch(seen)).toHaveLength(0);
  });

  test('headers that servers change once a message was read', async () => {
    const drop = new Maildrop([mail('a')]);
    drop.faults = { noUidl: true };
    const seen = memorySeen();
    await drop.fetch(seen);
    drop.mail = [{ id: 'a', text: `Status: RO\r\nX-Status: D\r\n${mail('a').text}` }];
    expect(await drop.fetch(seen)).toEqual([]);
  });

  test('a temporary refusal of UIDL is not taken for a server without it', async () => {
    const [mine, theirs] = memoryPair();
    const played = playPop3(theirs, { on: { UIDL: '-ERR [SYS/TEMP] busy' } });
    const client = await connect({ transport: mine, auth: AUTH, allowInsecureAuth: true });
    await expect(readMaildrop(client, undefined)).rejects.toMatchObject({ responseCode: 'SYS/TEMP' });
    client.destroy();
    await played;
  });
});

describe('listings that err', () => {
  test('an empty one does not bring everything again', async () => {
    const drop = new Maildrop([mail('a'), mail('b')]);
    const all = drop.mail;
    const seen = memorySeen();
    await drop.fetch(seen, { now: () => 0 });
    drop.mail = [];
    await drop.fetch(seen, { now: () => DAY });
    drop.mail = all;
    expect(await drop.fetch(seen, { now: () => 2 * DAY })).toEqual([]);
    expect([...seen.entries()].every(({ missingSince }) => missingSince === undefined)).toBe(true);
  });

  test('a short one says nothing of what it lacks', async () => {
    const drop = new Maildrop([mail('a'), mail('b')]);
    const seen = memorySeen();
    await drop.fetch(seen, { now: () => 0 });
    drop.faults = { list: '+OK\r\n1 5\r\n.\r\n' };
    for (const days of [10, 20, 60, 90]) await drop.fetch(seen, { now: () => days * DAY });
    expect(keys(seen)).toEqual(['uidl:a', 'uidl:b']);
  });

  test('what is gone for a month is forgotten', async () => {
    const drop = new Maildrop([mail('a'), mail('b')]);
    const seen = memorySeen();
    await drop.fetch(seen, { now: () => 0 });
    drop.mail = drop.mail.slice(1);
    await drop.fetch(seen, { now: () => DAY });
    await drop.fetch(seen, { now: () => 30 * DAY });
    expect(keys(seen)).toEqual(['uidl:a', 'uidl:b']);
    await drop.fetch(seen, { now: () => 31 * DAY });
    expect(keys(seen)).toEqual(['uidl:b']);
  });

  test('an id that comes back for another message is new', async () => {
    const drop = new Maildrop([mail('a')]);
    const seen = memorySeen();
    await drop.fetch(seen);
    drop.mail = [];
    await drop.fetch(seen);
    drop.mail = [mail('a', 'something else')];
    drop.faults = { refuse: 1 };
    expect(await drop.fetch(seen)).toEqual([]);
    drop.faults = {};
    expect(await drop.fetch(seen)).toEqual([mail('a', 'something else').text]);
    expect(await drop.fetch(seen)).toEqual([]);
  });
});

test('whatever is cut, when and how often: nothing is lost, nothing repeated, nothing deleted unstored', async () => {
  const step = fc.record({
    cutAfter: fc.option(fc.nat({ max: 3 }), { nil: undefined }),
    quit: fc.option(fc.constant('-ERR not removed'), { nil: undefined }),
    leaveAt: fc.option(fc.nat({ max: 4 }), { nil: undefined }),
    arrives: fc.nat({ max: 3 }),
    reverse: fc.boolean(),
    policy: fc.constantFrom<FetchNewOptions['policy']>('keep', 'deleteStored', { deleteAfterDays: 2 }),
  });
  const options = { noUidl: fc.boolean(), steps: fc.array(step, { maxLength: 8 }) };
  await fc.assert(
    fc.asyncProperty(fc.record(options), async ({ noUidl, steps }) => {
      const drop = new Maildrop([mail('first')]);
      const seen = memorySeen();
      const stored: string[] = [];
      const all = [mail('first').text];
      let day = 0;
      const last = {
        cutAfter: undefined,
        quit: undefined,
        leaveAt: undefined,
        arrives: 0,
        reverse: false,
        policy: 'keep',
      };
      for (const { cutAfter, quit, leaveAt, arrives, reverse, policy } of [...steps, last as (typeof steps)[number]]) {
        for (let index = 0; index < arrives; index++) {
          const arrived = mail(`m${all.length}`);
          all.push(arrived.text);
          drop.mail = [...drop.mail, arrived];
        }
        if (reverse) drop.mail = drop.mail.toReversed();
        drop.faults = {
          noUidl,
          ...(cutAfter === undefined ? {} : { cutAfter }),
          ...(quit === undefined ? {} : { quit }),
        };
        day++;
        await outcome(
          drop.session(async (client) => {
            let count = 0;
            for await (const message of client.fetchNew(seen, { policy, now: () => day * DAY })) {
              const octets = text(await message.bytes());
              if (count++ === leaveAt) break;
              stored.push(octets);
            }
          }),
        );
        for (const octets of all)
          expect(stored.includes(octets) || drop.mail.some((each) => each.text === octets)).toBe(true);
      }
      expect(stored.toSorted()).toEqual(all.toSorted());
    }),
    { numRuns: 60 },
  );
}, 60_000);
