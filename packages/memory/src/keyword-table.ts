import { applyFlags, canonicalFlag, type Flag, type FlagOperation } from '@posthorn/core';

const MAX_SHARED = 4_096;

/** The keywords of a mailbox, and one shared array for each combination of flags, so that messages stay small. */
export class KeywordTable {
  readonly #spellings = new Map<string, Flag>();
  readonly #shared = new Map<string, readonly Flag[]>();

  keywords(): readonly Flag[] {
    return [...this.#spellings.values()];
  }

  /** The flags after an operation, in the spellings of this mailbox and without `\Recent`. */
  apply(current: readonly Flag[], operation: FlagOperation, flags: readonly Flag[]): readonly Flag[] {
    const result = applyFlags(current, operation, flags).filter((flag) => flag !== '\\Recent');
    return this.#share(operation === 'remove' ? result : result.map((flag) => this.#spelling(flag)));
  }

  #spelling(flag: Flag): Flag {
    if (flag.startsWith('\\')) return canonicalFlag(flag);
    const key = flag.toLowerCase();
    const known = this.#spellings.get(key);
    if (known !== undefined) return known;
    this.#spellings.set(key, flag);
    return flag;
  }

  #share(flags: readonly Flag[]): readonly Flag[] {
    const key = flags.join(' ');
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    if (this.#shared.size === MAX_SHARED) this.#shared.clear();
    const fresh = Object.freeze([...flags]);
    this.#shared.set(key, fresh);
    return fresh;
  }
}
