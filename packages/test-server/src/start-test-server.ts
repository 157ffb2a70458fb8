import {
  type Account,
  type AccountId,
  type Authenticator,
  accountId,
  type MailStore,
  type Transport,
  TransportError,
} from '@posthorn/core';
import { handleConnection as handleImap, LoginGuard } from '@posthorn/imap-server';
import { memoryStore } from '@posthorn/memory';
import { loadMail } from '@posthorn/memory/load';
import { handleConnection as handlePop3 } from '@posthorn/pop3-server';
import { type Listener, listen, memoryPair } from '@posthorn/transport';
import { authenticatorOf } from './authenticate.ts';
import { makeCertificate, type TestCertificate } from './certificate.ts';
import { ManualClock, type ServerClock, systemClock } from './clock.ts';
import { imapDialect, pop3Dialect } from './dialects.ts';
import { ArmedFault, type Fault, type InjectedFault, type Protocol } from './faults.ts';
import { fill, type MessageFixture, MessageMaker, pathOf } from './fixtures.ts';
import type { TestServerOptions, UserFixture } from './options.ts';
import { PROFILES, type ServerProfile } from './profiles.ts';
import { TappedTransport } from './tapped-transport.ts';
import type { TestServer } from './test-server.ts';
import { Transcript, type TranscriptEntry } from './transcript.ts';

const DEFAULT_USERS: readonly UserFixture[] = [{ user: 'test', password: 'test' }];

/** Nobody waits for a wrong password in a test. */
const PATIENT_WITH_NOBODY = { loginFailureDelayMs: 0 } as const;

/**
 * Starts a server for IMAP and POP3 in this process, on free ports of the loopback, over mail in memory.
 * @throws {@link TransportError} `TRANSPORT_LISTEN` when no port can be had; what reading `emlDir` throws.
 */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const certificate = (options.tls ?? 'none') === 'none' ? undefined : await makeCertificate();
  const server = new RunningTestServer(options, certificate);
  await server.start();
  return server;
}

class RunningTestServer implements TestServer {
  readonly clock: ServerClock;
  readonly #options: TestServerOptions;
  readonly #users: readonly UserFixture[];
  readonly #authenticator: Authenticator;
  readonly #certificate: TestCertificate | undefined;
  readonly #profile: ServerProfile | undefined;
  readonly #transcript = new Transcript();
  readonly #open = new Map<TappedTransport, Promise<void>>();
  #faults: ArmedFault[] = [];
  #connectionCount = 0;
  #maker: MessageMaker;
  #store: MailStore | undefined;
  /** How often logins failed, and how many connections a user has, over both protocols. */
  #loginGuard: LoginGuard | undefined;
  readonly #listeners = new Map<Protocol, Listener>();

  constructor(options: TestServerOptions, certificate: TestCertificate | undefined) {
    this.#options = options;
    this.#certificate = certificate;
    this.#users = options.users ?? DEFAULT_USERS;
    this.#authenticator = authenticatorOf(this.#users);
    this.#profile = options.profile === undefined ? undefined : PROFILES[options.profile];
    this.clock = options.now === undefined ? systemClock : new ManualClock(options.now.getTime());
    this.#maker = new MessageMaker(this.clock.now);
  }

  async start(): Promise<void> {
    await this.#furnish();
    const { tls = 'none', logger } = this.#options;
    for (const protocol of ['imap', 'pop3'] as const) {
      const listener = await listen({
        host: '127.0.0.1',
        port: 0,
        onConnection: (transport) => this.#serve(transport, protocol),
        ...(tls === 'implicit' ? { tls: this.#certificate! } : {}),
        onError: (error) => logger?.info('connection failed', { error: String(error) }),
      });
      this.#listeners.set(protocol, listener);
    }
  }

  get host(): string {
    return this.#listeners.get('imap')!.host;
  }

  get port(): number {
    return this.#listeners.get('imap')!.port;
  }

  get pop3Port(): number {
    return this.#listeners.get('pop3')!.port;
  }

  get certificate(): string | undefined {
    return this.#certificate?.cert;
  }

  get transcript(): readonly TranscriptEntry[] {
    return [...this.#transcript.entries];
  }

  get connections(): number {
    return this.#open.size;
  }

  inject(fault: Fault): InjectedFault {
    const armed = new ArmedFault(fault);
    this.#faults.push(armed);
    return armed;
  }

  connect(protocol: Protocol = 'imap'): Transport {
    const [client, server] = memoryPair();
    void this.#serve(server, protocol);
    return client;
  }

  async account(user: string = this.#users[0]?.user ?? ''): Promise<Account> {
    return this.#store!.open(this.#idOf(user));
  }

  async deliver(
    message: MessageFixture,
    { user, mailbox = 'INBOX' }: { readonly user?: string; readonly mailbox?: string } = {},
  ): Promise<number> {
    const account = await this.account(user);
    const path = pathOf(mailbox);
    const known = await account.list();
    if (!known.some((info) => info.path.join('/').toUpperCase() === mailbox.toUpperCase())) await account.create(path);
    const { uids } = await (await account.mailbox(path)).append([this.#maker.make(message)]);
    await account.close();
    return uids[0]!;
  }

  disconnect(): void {
    const reason = new TransportError('TRANSPORT_BROKEN', 'the test ended the connection');
    for (const transport of this.#open.keys()) transport.sever(reason);
  }

  async reset(): Promise<void> {
    await this.#endConnections();
    const store = this.#store;
    this.#transcript.clear();
    this.#connectionCount = 0;
    this.#maker = new MessageMaker(this.clock.now);
    await this.#furnish();
    await store?.close();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#listeners.values()].map((listener) => listener.close()));
    await this.#endConnections();
    await this.#store?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #endConnections(): Promise<void> {
    this.disconnect();
    await Promise.all(this.#open.values());
  }

  /** Makes the mail and the faults of the start. */
  async #furnish(): Promise<void> {
    const store = memoryStore({ clock: this.clock.now, acl: this.#options.sharing === true });
    for (const fixture of this.#users) {
      const hasOwn = fixture.mailboxes !== undefined || fixture.emlDir !== undefined;
      const { mailboxes = {}, emlDir } = hasOwn ? fixture : this.#options;
      const account = await store.open(this.#idOf(fixture.user));
      if (emlDir !== undefined) await loadMail(account, emlDir, { lineEnds: 'crlf' });
      await fill(account, mailboxes, this.#maker);
      await account.close();
    }
    this.#store = store;
    this.#loginGuard = this.#newLoginGuard();
    this.#faults = (this.#profile?.faults ?? []).map((fault) => new ArmedFault(fault));
  }

  #newLoginGuard(): LoginGuard {
    const { timers } = this.clock;
    return new LoginGuard({ limits: { ...PATIENT_WITH_NOBODY, ...this.#options.limits }, timers });
  }

  async #serve(inner: Transport, protocol: Protocol): Promise<void> {
    const refusals = protocol === 'imap' ? this.#refusals() : [];
    const transport = new TappedTransport(
      inner,
      protocol === 'imap' ? imapDialect : pop3Dialect,
      this.#transcript.recorder(++this.#connectionCount, protocol),
      () => [...refusals, ...this.#faults].filter(({ fault }) => (fault.protocol ?? protocol) === protocol),
      (ms) => this.#wait(ms),
    );
    const done = protocol === 'imap' ? this.#serveImap(transport) : this.#servePop3(transport);
    this.#open.set(transport, done);
    await done;
    this.#open.delete(transport);
  }

  #serveImap(transport: Transport): Promise<void> {
    const { without = [], limits } = this.#options;
    return handleImap(transport, {
      ...this.#shared(),
      capabilities: [...without, ...(this.#profile?.without ?? [])],
      limits: { ...PATIENT_WITH_NOBODY, ...limits },
    });
  }

  #servePop3(transport: Transport): Promise<void> {
    const { without = [], pop3 = {} } = this.#options;
    const { mailbox = 'INBOX', apop = false, exclusive, limits } = pop3;
    const passwordOf = async (name: string): Promise<string | undefined> =>
      this.#users.find(({ user }) => user === name)?.password;
    return handlePop3(transport, {
      ...this.#shared(),
      capabilities: without,
      limits: { ...PATIENT_WITH_NOBODY, ...limits },
      mailbox: pathOf(mailbox),
      exclusive,
      ...(apop ? { passwordOf } : {}),
    });
  }

  /** What the servers of both protocols are told. */
  #shared() {
    const { tls = 'none', logger } = this.#options;
    const { timers } = this.clock;
    return {
      store: this.#store!,
      authenticator: this.#authenticator,
      loginGuard: this.#loginGuard,
      allowInsecureAuth: true,
      logger,
      ...(timers === undefined ? {} : { timers }),
      ...(tls === 'starttls' ? { tls: this.#certificate! } : {}),
    };
  }

  /** What a server that wants to know its client refuses on one connection, until it knows. */
  #refusals(): readonly ArmedFault[] {
    const needsId = this.#profile?.needsId;
    if (needsId === undefined) return [];
    const refusals = needsId.commands.map(
      (command) =>
        new ArmedFault({ at: { command }, action: { reply: needsId.reply }, times: Number.POSITIVE_INFINITY }),
    );
    const id = new IdentifiedFault(() => {
      for (const refusal of refusals) refusal.remove();
    });
    return [...refusals, id];
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const { timers } = this.clock;
      if (timers === undefined) setTimeout(resolve, ms);
      else timers.start(resolve, ms);
    });
  }

  #idOf(user: string): AccountId {
    if (!this.#users.some((each) => each.user === user)) throw new TypeError(`the test server has no user ${user}`);
    return accountId(user);
  }
}

/** Watches for ID and lets it pass. */
class IdentifiedFault extends ArmedFault {
  readonly #onId: () => void;

  constructor(onId: () => void) {
    super({ at: { command: 'ID' }, action: { delayMs: 0 } });
    this.#onId = onId;
  }

  override fires(): boolean {
    this.#onId();
    return false;
  }
}
