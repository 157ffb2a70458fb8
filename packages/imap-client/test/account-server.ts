import type { Flag, Transport } from '@posthorn/core';
import { memoryPair } from '@posthorn/transport';
import { bytes, text } from './support.ts';

interface Message {
  readonly uid: number;
  flags: readonly Flag[];
  modSeq: number;
  readonly body: string;
}

/** Where a connection breaks, in octets that the server sent, and how. */
export interface Cut {
  readonly at: number;
  readonly how: 'end' | 'reset';
}

export interface ModelServerOptions {
  readonly capabilities?: string;
  /** What each connection does wrong, in the order in which they come: after so many octets it breaks. */
  readonly cuts?: (connection: number) => Cut | undefined;
  /** Answers to LOGIN, first come first. @defaultValue OK */
  readonly logins?: string[];
  /** Answers to STORE, first come first. @defaultValue OK, after storing */
  readonly stores?: string[];
  /** Instead of a greeting. */
  readonly greetings?: string[];
}

/** A server of one mailbox that says the truth about it, over connections that break where they are told to. */
export class ModelServer {
  uidValidity = 42;
  uidNext = 1;
  modSeq = 1;
  messages: Message[] = [];
  /** Messages that are gone, and when they went. */
  readonly gone: { readonly uid: number; readonly modSeq: number }[] = [];
  /** Commands as they came, without tags. */
  readonly commands: string[] = [];
  connections = 0;
  readonly #options: ModelServerOptions;
  readonly #sessions = new Set<Session>();

  constructor(options: ModelServerOptions = {}) {
    this.#options = options;
  }

  get capabilities(): string {
    return this.#options.capabilities ?? 'IMAP4rev1 IDLE UIDPLUS ESEARCH CONDSTORE ENABLE LITERAL+';
  }

  get options(): ModelServerOptions {
    return this.#options;
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  /** A connection for a client, served until it ends. */
  readonly connect = async (): Promise<Transport> => {
    const [mine, theirs] = memoryPair();
    const number = this.connections++;
    const session = new Session(this, theirs, this.#options.cuts?.(number));
    this.#sessions.add(session);
    void session.run().finally(() => this.#sessions.delete(session));
    return mine;
  };

  append(flags: readonly Flag[] = [], body = 'Subject: hi\r\n\r\nhello'): number {
    const uid = this.uidNext++;
    this.messages.push({ uid, flags, modSeq: ++this.modSeq, body });
    this.tell((session) => session.exists());
    return uid;
  }

  setFlags(uid: number, flags: readonly Flag[]): void {
    const message = this.messages.find((each) => each.uid === uid);
    if (message === undefined) return;
    message.flags = flags;
    message.modSeq = ++this.modSeq;
    this.tell((session) => session.flags(message));
  }

  expunge(uid: number): void {
    const index = this.messages.findIndex((each) => each.uid === uid);
    if (index === -1) return;
    this.messages.splice(index, 1);
    this.gone.push({ uid, modSeq: ++this.modSeq });
    this.tell((session) => session.expunged(uid));
  }

  /** Breaks every connection that stands. */
  cut(): void {
    for (const session of this.#sessions) session.transport.destroy();
  }

  /** What a client that follows must know in the end. */
  get state(): readonly (readonly [number, string])[] {
    return this.messages.map(({ uid, flags }) => [uid, [...flags].sort().join(' ')] as const);
  }

  tell(news: (session: Session) => void): void {
    for (const session of this.#sessions) if (session.isSelected) news(session);
  }
}

/** One connection. News wait until the client may hear them. */
class Session {
  readonly transport: Transport;
  isSelected = false;
  readonly #server: ModelServer;
  readonly #cut: Cut | undefined;
  #sent = 0;
  #received = '';
  /** The messages as the client numbers them. */
  #view: number[] = [];
  #news: (() => string)[] = [];
  #isIdle = false;
  #isQuick = false;
  #sending: Promise<void> = Promise.resolve();

  constructor(server: ModelServer, transport: Transport, cut: Cut | undefined) {
    this.#server = server;
    this.transport = transport;
    this.#cut = cut;
  }

  async run(): Promise<void> {
    try {
      await this.#send(
        this.#server.options.greetings?.shift() ?? `* OK [CAPABILITY ${this.#server.capabilities}] ready`,
      );
      for (let line = await this.#line(); line !== undefined; line = await this.#line()) await this.#take(line);
    } catch {
      // The connection broke, as it was to.
    } finally {
      this.transport.destroy();
    }
  }

  exists(): void {
    const { messages } = this.#server;
    this.#tell(() => {
      const told = new Set(this.#view);
      for (const { uid } of messages) if (!told.has(uid) && uid > (this.#view.at(-1) ?? 0)) this.#view.push(uid);
      return `* ${this.#view.length} EXISTS`;
    });
  }

  flags({ uid, flags, modSeq }: Message): void {
    this.#tell(() => {
      const index = this.#view.indexOf(uid);
      return index === -1 ? '' : `* ${index + 1} FETCH (UID ${uid} FLAGS (${flags.join(' ')}) MODSEQ (${modSeq}))`;
    });
  }

  expunged(uid: number): void {
    this.#tell(() => {
      const index = this.#view.indexOf(uid);
      if (index === -1) return '';
      this.#view.splice(index, 1);
      return this.#isQuick ? `* VANISHED ${uid}` : `* ${index + 1} EXPUNGE`;
    });
  }

  #tell(news: () => string): void {
    this.#news.push(news);
    if (this.#isIdle) this.#flush();
  }

  #flush(): void {
    for (const news of this.#news.splice(0)) {
      const line = news();
      if (line !== '') void this.#send(line).catch(() => {});
    }
  }

  async #take(line: string): Promise<void> {
    if (line === 'DONE') {
      this.#isIdle = false;
      return this.#send(`${this.#idleTag} OK done`);
    }
    const [, tag = '', command = ''] = /^(\S+) (.*)$/.exec(line) ?? [];
    this.#server.commands.push(command);
    const name = command.startsWith('UID ') ? command.slice(4).split(' ')[0]! : command.split(' ')[0]!;
    switch (name) {
      case 'LOGIN':
        return this.#send(
          `${tag} ${this.#server.options.logins?.shift() ?? `OK [CAPABILITY ${this.#server.capabilities}] in`}`,
        );
      case 'IDLE':
        this.#idleTag = tag;
        await this.#send('+ idling');
        this.#isIdle = true;
        return this.#flush();
      case 'ENABLE':
        this.#isQuick = command.includes('QRESYNC');
        await this.#send(`* ENABLED${command.slice('ENABLE'.length)}`);
        return this.#send(`${tag} OK done`);
      case 'SELECT':
      case 'EXAMINE':
        return this.#select(tag);
      case 'FETCH':
        return this.#fetch(tag, command);
      case 'SEARCH':
        this.#flush();
        await this.#send(
          `* ESEARCH (TAG "${tag}") UID${this.#view.length === 0 ? '' : ` ALL ${this.#view.join(',')}`}`,
        );
        return this.#send(`${tag} OK done`);
      case 'STORE': {
        const refusal = this.#server.options.stores?.shift();
        if (refusal !== undefined) return this.#send(`${tag} ${refusal}`);
        this.#store(command);
        return this.#send(`${tag} OK done`);
      }
      case 'STATUS':
        await this.#send(`* STATUS INBOX (MESSAGES ${this.#server.messages.length})`);
        return this.#send(`${tag} OK done`);
      case 'LIST':
        await this.#send('* LIST () "/" INBOX');
        return this.#send(`${tag} OK done`);
      case 'LOGOUT':
        await this.#send('* BYE see you');
        await this.#send(`${tag} OK done`);
        return this.transport.close();
      default:
        this.#flush();
        return this.#send(`${tag} OK done`);
    }
  }

  #idleTag = '';

  async #select(tag: string): Promise<void> {
    const { messages, uidValidity, uidNext, modSeq, capabilities } = this.#server;
    this.isSelected = true;
    this.#news = [];
    this.#view = messages.map(({ uid }) => uid);
    await this.#send('* FLAGS (\\Seen \\Deleted)');
    await this.#send(`* ${messages.length} EXISTS`);
    await this.#send(`* OK [UIDVALIDITY ${uidValidity}] valid`);
    await this.#send(`* OK [UIDNEXT ${uidNext}] next`);
    if (capabilities.includes('CONDSTORE')) await this.#send(`* OK [HIGHESTMODSEQ ${modSeq}] highest`);
    await this.#send(`${tag} OK [READ-WRITE] done`);
  }

  async #fetch(tag: string, command: string): Promise<void> {
    // Answers to FETCH may bring news of new messages, and never of expunged ones.
    const [, set = '', items = '', since, vanished] =
      /^UID FETCH (\S+) (\(.*?\)|\S+)(?: \(CHANGEDSINCE (\d+)( VANISHED)?\))?$/.exec(command) ?? [];
    const wanted = set.split(',').map((range) => range.split(':').map((end) => (end === '*' ? Infinity : Number(end))));
    const earlier = this.#server.gone.filter(({ modSeq }) => modSeq > Number(since));
    if (vanished !== undefined && earlier.length > 0)
      await this.#send(`* VANISHED (EARLIER) ${earlier.map(({ uid }) => uid).join(',')}`);
    for (const { uid, flags, modSeq, body } of this.#server.messages) {
      const index = this.#view.indexOf(uid);
      const isWanted = wanted.some(([first = 0, last = first]) => uid >= first && uid <= last);
      if (index === -1 || !isWanted || modSeq <= Number(since ?? 0)) continue;
      const parts = [`UID ${uid}`];
      if (items.includes('FLAGS')) parts.push(`FLAGS (${flags.join(' ')})`);
      if (items.includes('RFC822.SIZE')) parts.push(`RFC822.SIZE ${body.length}`);
      if (items.includes('MODSEQ')) parts.push(`MODSEQ (${modSeq})`);
      const [isBody, , origin, length] = /BODY\.PEEK\[\](<(\d+)\.(\d+)>)?/.exec(items) ?? [];
      const start = Number(origin ?? 0);
      const octets = body.slice(start, origin === undefined ? undefined : start + Number(length));
      const where = origin === undefined ? '' : `<${origin}>`;
      if (isBody !== undefined) parts.push(`BODY[]${where} {${octets.length}}\r\n${octets}`);
      await this.#send(`* ${index + 1} FETCH (${parts.join(' ')})`);
    }
    await this.#send(`${tag} OK done`);
  }

  #store(command: string): void {
    const [, set = '', sign, list = ''] = /^UID STORE (\S+) ([+-]?)FLAGS\S* \((.*)\)$/.exec(command) ?? [];
    for (const uid of set.split(',').map(Number)) {
      const flags = this.#server.messages.find((each) => each.uid === uid)?.flags ?? [];
      const rest = flags.filter((flag) => !list.split(' ').includes(flag));
      this.#server.setFlags(uid, sign === '-' ? rest : [...(sign === '+' ? rest : []), ...list.split(' ')]);
    }
  }

  #send(line: string): Promise<void> {
    this.#sending = this.#sending.then(() => this.#write(bytes(`${line}\r\n`)));
    this.#sending.catch(() => {});
    return this.#sending;
  }

  async #write(octets: Uint8Array): Promise<void> {
    const left = (this.#cut?.at ?? Number.POSITIVE_INFINITY) - this.#sent;
    this.#sent += octets.length;
    if (octets.length <= left) return this.transport.write(octets);
    await this.transport.write(octets.subarray(0, Math.max(0, left)));
    if (this.#cut?.how === 'end') await this.transport.close();
    else this.transport.destroy();
    throw new Error('cut');
  }

  async #line(): Promise<string | undefined> {
    for (;;) {
      const end = this.#received.indexOf('\r\n');
      if (end !== -1) {
        const line = this.#received.slice(0, end);
        this.#received = this.#received.slice(end + 2);
        return line;
      }
      const chunk = await this.transport.read();
      if (chunk === null) return undefined;
      this.#received += text(chunk);
    }
  }
}
