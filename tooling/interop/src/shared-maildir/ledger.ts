import type { SeenMessage } from './party.ts';

/** What all parties together did, and what each of them saw: no UID may name two messages, and no mail may be lost. */
export class SharedLedger {
  /** Every message that was delivered, and whether somebody set out to remove it. */
  readonly #delivered = new Map<string, { isRemoved: boolean }>();
  readonly #tokenOfUid = new Map<string, string>();
  readonly #uidOfToken = new Map<string, number>();
  /** Flags that only one party touches on messages that never move: what it last made of them. */
  readonly #owed = new Map<string, boolean>();
  /** What must not be, in words. */
  readonly faults = new Set<string>();
  /** How often each party did what. */
  readonly counts = new Map<string, number>();
  #serial = 0;

  newToken(party: string): string {
    return `${party.replaceAll(' ', '-')}-${++this.#serial}-${'x'.repeat(this.#serial % 5)}`;
  }

  count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  get operations(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }

  delivered(token: string): void {
    this.#delivered.set(token, { isRemoved: false });
  }

  /** Said before it is tried. */
  removing(token: string): void {
    const known = this.#delivered.get(token);
    if (known !== undefined) known.isRemoved = true;
  }

  isRemoved(token: string): boolean {
    return this.#delivered.get(token)?.isRemoved ?? false;
  }

  /** Said once it was done. */
  flagged(token: string, flag: string, isSet: boolean): void {
    this.#owed.set(`${token} ${flag.toLowerCase()}`, isSet);
  }

  /** A party saw these in a mailbox that is never deleted; `isFixed` says that messages never leave it for another. */
  saw(party: string, mailbox: string, messages: readonly SeenMessage[], isFixed: boolean): void {
    for (const { uid, token } of messages) {
      const key = `${mailbox} ${uid}`;
      const before = this.#tokenOfUid.get(key);
      if (before !== undefined && before !== token)
        this.faults.add(`${party} sees ${token} as ${key}, which was ${before}`);
      this.#tokenOfUid.set(key, token);
      if (!isFixed) continue;
      const place = `${mailbox} ${token}`;
      const number = this.#uidOfToken.get(place);
      if (number !== undefined && number !== uid)
        this.faults.add(`${party} sees ${token} with UID ${uid} in ${mailbox}; it had ${number}`);
      this.#uidOfToken.set(place, uid);
    }
  }

  /** Compares all there is with what was done. `fixed` are the messages of mailboxes that nothing leaves. */
  check(tokens: ReadonlySet<string>, fixed: readonly SeenMessage[]): void {
    for (const [token, { isRemoved }] of this.#delivered) {
      if (!isRemoved && !tokens.has(token)) this.faults.add(`${token} is lost`);
    }
    for (const { token, flags } of fixed) {
      for (const [key, isSet] of this.#owed) {
        const [owner, flag] = key.split(' ') as [string, string];
        if (owner === token && flags.includes(flag) !== isSet)
          this.faults.add(`${token} should ${isSet ? '' : 'not '}be ${flag}: ${flags.join(' ')}`);
      }
    }
  }
}
