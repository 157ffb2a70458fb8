import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Mailbox, type MailStore, type Uid, utf8Bytes } from '@posthorn/core';
import { openMaildir } from '@posthorn/maildir';
import { setOf } from '@posthorn/message-set';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loggedIn, message, type RawClient, type TestServer, testServer, testStore } from './harness.ts';

const CLIENTS = 2;

type ClientAction =
  | { readonly type: 'dele' | 'retr' | 'top'; readonly client: number; readonly at: number }
  | { readonly type: 'rset' | 'look' | 'quit' | 'cut'; readonly client: number };
type Action = ClientAction | { readonly type: 'deliver' | 'expunge'; readonly at: number };

const client = fc.nat(CLIENTS - 1);
const at = fc.nat(9);
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ type: fc.constantFrom('deliver', 'expunge'), at }),
  fc.record({ type: fc.constantFrom('dele', 'dele', 'retr', 'top'), client, at }),
  fc.record({ type: fc.constantFrom('rset', 'look', 'quit', 'cut'), client }),
) as fc.Arbitrary<Action>;

/** What there is, and what each session was told. */
class Model {
  readonly #server: TestServer;
  readonly #inbox: Mailbox;
  readonly #texts = new Map<Uid, string>();
  readonly #sessions: (Session | undefined)[] = [];
  readonly #given = new Map<string, Uid>();
  #live: readonly Uid[] = [];
  #made = 0;

  constructor(server: TestServer, inbox: Mailbox) {
    this.#server = server;
    this.#inbox = inbox;
  }

  async perform(step: Action): Promise<void> {
    if (step.type === 'deliver') return this.#deliver();
    if (step.type === 'expunge') return this.#expunge(this.#live[step.at % Math.max(1, this.#live.length)]);
    return this.#ask(step as ClientAction);
  }

  async #ask(step: ClientAction): Promise<void> {
    const session = this.#sessions[step.client] ?? (await this.#login());
    this.#sessions[step.client] = session;
    const { raw, uids, marked } = session;
    switch (step.type) {
      case 'dele': {
        const isThere = step.at < uids.length && !marked.has(step.at);
        expect(await raw.run(`DELE ${step.at + 1}`)).toMatch(isThere ? /^\+OK/ : /^-ERR/);
        if (isThere) marked.add(step.at);
        return;
      }
      case 'retr':
      case 'top':
        return this.#read(session, step.at, step.type);
      case 'rset':
        expect(await raw.run('RSET')).toMatch(/^\+OK/);
        marked.clear();
        return;
      case 'look':
        return this.#look(session);
      case 'quit':
        expect(await raw.run('QUIT')).toMatch(/^\+OK/);
        expect(await raw.line()).toBeUndefined();
        this.#live = this.#live.filter((uid) => !marked.has(uids.indexOf(uid)));
        this.#sessions[step.client] = undefined;
        return;
      default:
        raw.transport.destroy();
        this.#sessions[step.client] = undefined;
    }
  }

  /** All is as it must be, and nothing is held on to. */
  async finish(): Promise<void> {
    for (const session of this.#sessions) await session?.raw.transport.close();
    await this.#server.idle();
    const { added } = await this.#inbox.changes(undefined);
    expect(added.map(({ uid }) => uid)).toEqual(this.#live);
  }

  async #deliver(): Promise<void> {
    const text = message(`${++this.#made}`, `.${'x'.repeat(this.#made * 7)}\r\n`);
    const { uids } = await this.#inbox.append([{ body: [utf8Bytes(text)] }]);
    this.#texts.set(uids[0]!, text);
    this.#live = [...this.#live, uids[0]!];
  }

  async #expunge(uid: Uid | undefined): Promise<void> {
    if (uid === undefined) return;
    await this.#inbox.expunge(setOf([uid]));
    this.#live = this.#live.filter((each) => each !== uid);
  }

  async #login(): Promise<Session> {
    const session = { raw: await loggedIn(this.#server), uids: this.#live, marked: new Set<number>() };
    await this.#look(session);
    return session;
  }

  async #look({ raw, uids, marked }: Session): Promise<void> {
    const left = uids.flatMap((uid, index) => (marked.has(index) ? [] : [[index + 1, this.#sizeOf(uid)] as const]));
    expect(await raw.run('STAT')).toBe(`+OK ${left.length} ${left.reduce((sum, [, size]) => sum + size, 0)}`);
    expect(await raw.lines('LIST')).toEqual(left.map((pair) => pair.join(' ')));
    const ids = await raw.lines('UIDL');
    expect(ids.map((line) => Number(line.split(' ')[0]))).toEqual(left.map(([number]) => number));
    for (const [index, line] of ids.entries()) {
      const [, id = ''] = line.split(' ');
      const uid = uids[left[index]![0] - 1]!;
      expect(this.#given.get(id) ?? uid, 'a unique id stands for one message for ever').toBe(uid);
      this.#given.set(id, uid);
    }
  }

  #sizeOf(uid: Uid): number {
    return this.#texts.get(uid)!.length;
  }

  async #read({ raw, uids, marked }: Session, index: number, how: 'retr' | 'top'): Promise<void> {
    const command = how === 'retr' ? `RETR ${index + 1}` : `TOP ${index + 1} 9`;
    const uid = uids[index];
    if (uid === undefined || marked.has(index) || !this.#live.includes(uid)) {
      expect(await raw.run(command)).toMatch(/^-ERR/);
    } else {
      expect((await raw.lines(command)).map((line) => `${line}\r\n`).join('')).toBe(this.#texts.get(uid));
    }
  }
}

interface Session {
  readonly raw: RawClient;
  readonly uids: readonly Uid[];
  /** Places of the messages that are marked. */
  readonly marked: Set<number>;
}

let directory = '';
let made = 0;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'posthorn-pop3-'));
});
afterAll(() => rm(directory, { recursive: true }));

const STORES: readonly (readonly [string, () => MailStore, number])[] = [
  ['memory', testStore, 150],
  ['maildir', () => openMaildir(join(directory, `${++made}`), { fsync: false }), 30],
];

describe.each(STORES)('over %s', (_, open, numRuns) => {
  test('sessions agree with a model, whatever they, and others, do', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 40 }), async (steps) => {
        const store = open();
        const server = testServer({ store });
        const account = await server.account();
        const model = new Model(server, await account.mailbox(['INBOX']));
        for (let count = 0; count < 3; count++) await model.perform({ type: 'deliver', at: 0 });
        for (const step of steps) await model.perform(step);
        await model.finish();
        await store.close();
      }),
      { numRuns },
    );
  });
});
