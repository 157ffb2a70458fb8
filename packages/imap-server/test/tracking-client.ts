import { applyFlags, type FlagOperation } from '@posthorn/core';
import { expect } from 'vitest';
import { loggedIn, type RawClient, type TestServer } from './harness.ts';

interface Known {
  uid: number | undefined;
  /** Without \Recent; undefined until the server told. */
  flags: readonly string[] | undefined;
  isRecent: boolean;
}

/** A client that believes what it is told, and checks that it can: the invariants of a good server. */
export class TrackingClient {
  readonly #client: RawClient;
  readonly messages: Known[] = [];
  #flags = new Set<string>();
  #recent = 0;
  #uidValidity: string | undefined;
  #holdsExpunges = false;

  private constructor(client: RawClient) {
    this.#client = client;
  }

  static async select(server: TestServer, mailbox: string): Promise<TrackingClient> {
    const tracking = new TrackingClient(await loggedIn(server));
    await tracking.run(`SELECT ${mailbox}`);
    return tracking;
  }

  /** Runs a command, takes in what is told, and gives the completion. */
  async run(command: string): Promise<string> {
    this.#holdsExpunges = /^(FETCH|STORE|SEARCH) /.test(command);
    const lines = await this.#client.run(command);
    for (const line of lines.slice(0, -1)) this.#heed(line);
    const completion = lines.at(-1) ?? 'closed';
    const isStore = /^(?:UID )?STORE /.test(command);
    expect(completion, command).toMatch(isStore ? /^OK/ : /^(?:OK|NO \[EXPUNGEISSUED\])/);
    return completion;
  }

  /** What never changes about the messages, by UID. */
  async facts(): Promise<ReadonlyMap<number, string>> {
    this.#holdsExpunges = false;
    const items = 'RFC822.SIZE INTERNALDATE ENVELOPE BODYSTRUCTURE BODY.PEEK[]';
    const facts = new Map<number, string>();
    for (const line of await this.#client.run(`UID FETCH 1:* (${items})`)) {
      const [, uid, fact] = /^\* \d+ FETCH \(UID (\d+) (RFC822\.SIZE .*)\)$/s.exec(line) ?? [];
      if (uid !== undefined) facts.set(Number(uid), fact!);
      else if (line.startsWith('* ')) this.#heed(line);
    }
    return facts;
  }

  /** What a command of UIDs answers untagged, besides what is told of messages. */
  async ask(command: string): Promise<readonly string[]> {
    this.#holdsExpunges = false;
    const lines = await this.#client.run(command);
    const isAnswer = (line: string): boolean => /^\* (?:SEARCH|THREAD)\b/.test(line);
    for (const line of lines.slice(0, -1)) if (!isAnswer(line)) this.#heed(line);
    return lines.filter(isAnswer);
  }

  /** STORE by numbers, when nobody else changes anything: each message is told with the flags it must have then. */
  async storeAlone(first: number, last: number, operation: FlagOperation, flag: string): Promise<void> {
    const sign = operation === 'add' ? '+' : operation === 'remove' ? '-' : '';
    const gone = new Set(this.messages.slice(first - 1, last));
    for (const known of gone) known.flags = undefined;
    const completion = await this.run(`STORE ${first}:${last} ${sign}FLAGS (${flag})`);
    for (const { flags } of gone) {
      if (flags === undefined) expect(completion).toMatch(/^OK \[EXPUNGEISSUED\]/);
      else expect(flags.includes(flag)).toBe(operation !== 'remove');
      if (operation === 'replace' && flags !== undefined) expect(flags).toEqual([flag]);
    }
  }

  async close(): Promise<void> {
    await this.#client.transport.close();
  }

  /** STORE by number, silently: the client works out the flags by itself. */
  async storeSilently(number: number, operation: FlagOperation, flags: readonly string[]): Promise<void> {
    const sign = operation === 'add' ? '+' : operation === 'remove' ? '-' : '';
    const known = this.messages[number - 1]!;
    // The outcome is known once the command is done; what the server tells during the command overrules it.
    const before = known.flags;
    known.flags = before === undefined ? undefined : applyFlags(before, operation, flags);
    const completion = await this.run(`STORE ${number} ${sign}FLAGS.SILENT (${flags.join(' ')})`);
    if (completion.startsWith('OK [EXPUNGEISSUED]')) known.flags = undefined;
  }

  async append(): Promise<void> {
    expect(await this.run('APPEND INBOX {6+}\r\nA: b\r\n')).toMatch(/^OK \[APPENDUID/);
  }

  async idleOnce(): Promise<void> {
    this.#holdsExpunges = false;
    await this.#client.write('idle IDLE\r\n');
    for (let line = await this.#client.line(); line !== '+ Idling'; line = await this.#client.line()) this.#heed(line!);
    await this.#client.write('DONE\r\n');
    const lines = await this.#client.until('idle');
    expect(lines.at(-1)).toBe('OK Done');
    for (const line of lines.slice(0, -1)) this.#heed(line);
  }

  recentUids(): readonly number[] {
    return this.messages.flatMap(({ uid, isRecent }) => (isRecent && uid !== undefined ? [uid] : []));
  }

  #heed(line: string): void {
    const [, numberText, name, rest = ''] = /^\* (?:(\d+) )?([A-Z]+)(.*)$/s.exec(line) ?? [];
    const number = Number(numberText);
    if (name === 'FLAGS') this.#flags = new Set(rest.toLowerCase().match(/[^\s()]+/g));
    else if (name === 'EXISTS') {
      expect(number, 'EXISTS never shrinks').toBeGreaterThanOrEqual(this.messages.length);
      while (this.messages.length < number) this.messages.push({ uid: undefined, flags: undefined, isRecent: false });
    } else if (name === 'RECENT') {
      expect(number).toBeLessThanOrEqual(this.messages.length);
      this.#recent = number;
    } else if (name === 'EXPUNGE') {
      expect(this.#holdsExpunges, 'no EXPUNGE while numbers are in use').toBe(false);
      expect(number).toBeGreaterThanOrEqual(1);
      expect(number).toBeLessThanOrEqual(this.messages.length);
      this.messages.splice(number - 1, 1);
    } else if (name === 'FETCH') this.#heedFetch(number, rest);
    else if (name === 'OK') this.#heedCode(rest);
    else if (name === 'SEARCH' && this.#holdsExpunges) {
      for (const found of rest.match(/\d+/g) ?? []) expect(Number(found)).toBeLessThanOrEqual(this.messages.length);
    } else expect(name).toMatch(/^(OK|SEARCH)$/);
  }

  #heedCode(rest: string): void {
    const uidValidity = /\[UIDVALIDITY (\d+)\]/.exec(rest)?.[1];
    expect(uidValidity ?? this.#uidValidity, 'UIDVALIDITY never changes').toBe(this.#uidValidity ?? uidValidity);
    this.#uidValidity ??= uidValidity;
    const permanent = /\[PERMANENTFLAGS \((.*?)\)\]/.exec(rest)?.[1];
    for (const flag of permanent?.toLowerCase().match(/\S+/g) ?? []) {
      if (flag !== '\\*') expect(this.#flags, 'FLAGS names what can be kept').toContain(flag);
    }
  }

  #heedFetch(number: number, items: string): void {
    expect(number).toBeGreaterThanOrEqual(1);
    expect(number).toBeLessThanOrEqual(this.messages.length);
    const known = this.messages[number - 1]!;
    const uid = /\bUID (\d+)/.exec(items)?.[1];
    if (uid !== undefined) {
      expect(known.uid ?? Number(uid), 'the UID of a number never changes').toBe(Number(uid));
      known.uid = Number(uid);
      const before = this.messages[number - 2]?.uid ?? 0;
      expect(before, 'UIDs ascend').toBeLessThan(known.uid);
    }
    const flags = /\bFLAGS \(([^)]*)\)/.exec(items)?.[1];
    if (flags === undefined) return;
    const list = flags.split(' ').filter((flag) => flag !== '');
    known.isRecent = list.includes('\\Recent');
    known.flags = list.filter((flag) => flag !== '\\Recent');
    for (const flag of known.flags) expect(this.#flags, 'FLAGS names every flag').toContain(flag.toLowerCase());
  }

  get recent(): number {
    return this.#recent;
  }
}
