import { expect } from 'vitest';
import { RawClient, type TestServer } from './harness.ts';

/** What a client has switched on. */
export type Mode = 'plain' | 'condstore' | 'qresync' | 'rev2';

interface Cached {
  uid: number | undefined;
  /** Without \Recent; undefined until the server told. */
  flags: readonly string[] | undefined;
  modSeq: bigint | undefined;
  isRecent: boolean;
}

const ENABLE: Readonly<Record<Mode, string | undefined>> = {
  plain: undefined,
  condstore: 'ENABLE CONDSTORE',
  qresync: 'ENABLE QRESYNC',
  rev2: 'ENABLE IMAP4rev2 QRESYNC',
};

/**
 * A client that keeps what it is told over several connections, as far as its mode lets it, and checks that it may
 * believe it.
 */
export class CachingClient {
  readonly mode: Mode;
  readonly #server: TestServer;
  #client: RawClient;
  messages: Cached[] = [];
  #uidValidity = 0;
  /** Up to where it knows everything. */
  #modSeq = 0n;
  #command = '';
  readonly #justVanished = new Set<number>();

  private constructor(server: TestServer, mode: Mode, client: RawClient) {
    this.#server = server;
    this.mode = mode;
    this.#client = client;
  }

  static async select(server: TestServer, mode: Mode): Promise<CachingClient> {
    const caching = new CachingClient(server, mode, new RawClient(server.connect()));
    await caching.#begin();
    await caching.run('SELECT INBOX');
    return caching;
  }

  get tellsModSeq(): boolean {
    return this.mode !== 'plain';
  }

  get resyncs(): boolean {
    return this.mode === 'qresync' || this.mode === 'rev2';
  }

  /** Runs a command, takes in what is told, and gives the completion. */
  async run(command: string): Promise<string> {
    this.#command = command;
    const lines = await this.#client.run(command);
    return this.#heedAll(lines);
  }

  async idleOnce(): Promise<void> {
    this.#command = 'IDLE';
    await this.#client.write('idle IDLE\r\n');
    const before: string[] = [];
    for (let line = await this.#client.line(); line !== '+ Idling'; line = await this.#client.line())
      before.push(line!);
    await this.#client.write('DONE\r\n');
    expect(await this.#heedAll([...before, ...(await this.#client.until('idle'))])).toBe('OK Done');
  }

  /** Breaks off and comes back: what it kept must be brought up to date. */
  async reconnect(): Promise<void> {
    this.#client.transport.destroy();
    this.#client = new RawClient(this.#server.connect());
    await this.#begin();
    const kept = this.messages.filter(({ uid }) => uid !== undefined);
    this.messages = [];
    if (!this.resyncs || kept.length === 0) {
      await this.run('SELECT INBOX');
      return;
    }
    const uids = kept.map(({ uid }) => uid).join(',');
    this.#command = 'SELECT';
    const lines = await this.#client.run(`SELECT INBOX (QRESYNC (${this.#uidValidity} ${this.#modSeq} ${uids}))`);
    const gone = new Set(lines.flatMap((line) => [...uidsOf(/^\* VANISHED \(EARLIER\) (\S+)$/.exec(line)?.[1] ?? '')]));
    for (const uid of gone)
      expect(
        kept.map((each) => each.uid),
        'only what was asked for has vanished',
      ).toContain(uid);
    const left = kept.filter(({ uid }) => !gone.has(uid!));
    await this.#heedAll(lines.filter((line) => !line.startsWith('* VANISHED (EARLIER)')));
    // Numbers are learnt anew; flags and mod-sequences are those that were kept, unless the server tells others.
    this.#justVanished.clear();
    await this.run('UID FETCH 1:* (UID)');
    for (const message of this.messages) {
      if (message.flags !== undefined) continue;
      const before = left.find(({ uid }) => uid === message.uid);
      message.flags = before?.flags;
      message.modSeq ??= before?.modSeq;
    }
    const present = [...this.messages.map(({ uid }) => uid), ...this.#justVanished];
    for (const { uid } of left) expect(present, 'what did not vanish is there').toContain(uid);
  }

  async close(): Promise<void> {
    await this.#client.transport.close();
  }

  async #begin(): Promise<void> {
    await this.#client.line();
    await this.#client.run('LOGIN alice secret');
    const enable = ENABLE[this.mode];
    if (enable !== undefined) await this.#client.run(enable);
  }

  #heedAll(lines: readonly string[]): string {
    for (const line of lines.slice(0, -1)) this.#heed(line);
    const completion = lines.at(-1) ?? 'closed';
    expect(completion, this.#command).not.toMatch(/^(BAD|closed)/);
    if (!this.tellsModSeq) return completion;
    for (const { modSeq } of this.messages) if (modSeq !== undefined && modSeq > this.#modSeq) this.#modSeq = modSeq;
    for (const line of lines) {
      const told = /\[HIGHESTMODSEQ (\d+)\]/.exec(line)?.[1];
      // At the end of a command, what the server says of itself overrules what the client worked out.
      if (told !== undefined) this.#modSeq = BigInt(told);
    }
    return completion;
  }

  #heed(line: string): void {
    const [, numberText, name = '', rest = ''] = /^\* (?:(\d+) )?([A-Z]+)(.*)$/s.exec(line) ?? [];
    const number = Number(numberText);
    const validity = /\[UIDVALIDITY (\d+)\]/.exec(line)?.[1];
    if (validity !== undefined) this.#uidValidity = Number(validity);
    switch (name) {
      case 'EXISTS':
        expect(number, 'EXISTS never shrinks').toBeGreaterThanOrEqual(this.messages.length);
        while (this.messages.length < number)
          this.messages.push({ uid: undefined, flags: undefined, modSeq: undefined, isRecent: false });
        return;
      case 'RECENT':
        expect(this.mode, 'no RECENT in IMAP4rev2').not.toBe('rev2');
        return;
      case 'EXPUNGE':
        expect(this.resyncs, 'VANISHED in place of EXPUNGE').toBe(false);
        this.#mayExpunge();
        expect(number).toBeGreaterThanOrEqual(1);
        expect(number).toBeLessThanOrEqual(this.messages.length);
        this.messages.splice(number - 1, 1);
        return;
      case 'VANISHED':
        expect(this.resyncs, 'VANISHED once QRESYNC is enabled').toBe(true);
        if (!rest.startsWith(' (EARLIER)')) {
          this.#mayExpunge();
          for (const uid of uidsOf(rest.trim())) this.#vanish(uid);
        }
        return;
      case 'FETCH':
        this.#heedFetch(number, rest);
        return;
      default:
        expect(name).toMatch(/^(OK|FLAGS|SEARCH|ESEARCH|LIST|SORT|THREAD)$/);
    }
  }

  #mayExpunge(): void {
    expect(this.#command, 'nothing goes while numbers are in use').not.toMatch(/^(FETCH|STORE|SEARCH) /);
  }

  /** Takes out a message by UID. One whose UID is not known stands between those that are. */
  #vanish(uid: number): void {
    this.#justVanished.add(uid);
    let index = this.messages.findIndex((message) => message.uid === uid);
    if (index < 0) {
      const behind = this.messages.findIndex((message) => message.uid !== undefined && message.uid > uid);
      const end = behind < 0 ? this.messages.length : behind;
      index = this.messages.findLastIndex((message, at) => at < end && message.uid === undefined);
    }
    expect(index, `${uid} vanished and was there`).toBeGreaterThanOrEqual(0);
    this.messages.splice(index, 1);
  }

  #heedFetch(number: number, items: string): void {
    expect(number).toBeGreaterThanOrEqual(1);
    expect(number).toBeLessThanOrEqual(this.messages.length);
    const message = this.messages[number - 1]!;
    const uid = /\bUID (\d+)/.exec(items)?.[1];
    const modSeq = /\bMODSEQ \((\d+)\)/.exec(items)?.[1];
    const flags = /\bFLAGS \(([^)]*)\)/.exec(items)?.[1];
    if (uid !== undefined) {
      expect(message.uid ?? Number(uid), 'the UID of a number never changes').toBe(Number(uid));
      message.uid = Number(uid);
    }
    if (this.tellsModSeq && flags !== undefined && !/^(UID )?FETCH/.test(this.#command)) {
      expect(uid, 'news have a UID').toBeDefined();
      expect(modSeq, 'news have a mod-sequence').toBeDefined();
    }
    if (modSeq !== undefined) {
      expect(BigInt(modSeq)).toBeGreaterThan(0n);
      expect(BigInt(modSeq), 'a mod-sequence never drops').toBeGreaterThanOrEqual(message.modSeq ?? 0n);
      message.modSeq = BigInt(modSeq);
    }
    if (flags === undefined) {
      // A silent STORE: the flags are what the client works out, which this one does not.
      if (modSeq !== undefined && /STORE/.test(this.#command)) message.flags = undefined;
      return;
    }
    const list = flags.split(' ').filter((flag) => flag !== '');
    if (this.mode === 'rev2') expect(list).not.toContain('\\Recent');
    message.isRecent = list.includes('\\Recent');
    message.flags = list.filter((flag) => flag !== '\\Recent');
  }
}

function* uidsOf(set: string): Iterable<number> {
  if (set === '') return;
  for (const range of set.split(',')) {
    const [first, last = first] = range.split(':').map(Number);
    for (let uid = first!; uid <= last!; uid++) yield uid;
  }
}
