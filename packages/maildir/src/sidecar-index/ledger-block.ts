import type { LedgerEntry } from './ledger.ts';

/** UIDs that one block covers. */
export const BLOCK_UIDS = 256;

const COLUMNS = 3;
const OCTETS_EACH = COLUMNS * Float64Array.BYTES_PER_ELEMENT + 2;
/** As `Float64Array` has it. */
const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The block that a UID belongs to. */
export function blockOf(uid: number): number {
  return Math.floor(uid / BLOCK_UIDS);
}

/**
 * What is remembered of the messages with neighbouring UIDs, as one value of the database: a value for each message
 * costs five times as much. Stored are, for the messages that are there, three columns of mod-sequences, what is to be
 * added to the first UID, the number of their flags, and at the end the flags, each kind once.
 */
export class LedgerBlock {
  readonly #firstUid: number;
  readonly #entries: (LedgerEntry | undefined)[] = [];

  /** @param stored - What {@link encode} made, or nothing for an empty block. */
  constructor(block: number, stored: Uint8Array | undefined) {
    this.#firstUid = block * BLOCK_UIDS;
    if (stored !== undefined) for (const entry of decodeBlock(block, stored)) this.set(entry);
  }

  get(uid: number): LedgerEntry | undefined {
    return this.#entries[uid - this.#firstUid];
  }

  set(entry: LedgerEntry): void {
    this.#entries[entry.uid - this.#firstUid] = entry;
  }

  delete(uid: number): void {
    this.#entries[uid - this.#firstUid] = undefined;
  }

  /** Undefined when nothing is left. */
  encode(): Uint8Array | undefined {
    const there: LedgerEntry[] = [];
    for (let index = 0; index < this.#entries.length; index++) {
      const entry = this.#entries[index];
      if (entry !== undefined) there.push(entry);
    }
    if (there.length === 0) return undefined;
    const { length } = there;
    const columns = new Float64Array(COLUMNS * length);
    const octets = new Uint8Array(2 * length);
    const kinds = new Map<string, number>();
    let [lastFlags, lastKind] = ['', -1];
    for (let index = 0; index < length; index++) {
      const { uid, flags, modSeq, addedModSeq, firstModSeq } = there[index]!;
      columns[index] = modSeq;
      columns[length + index] = addedModSeq;
      columns[2 * length + index] = firstModSeq;
      if (lastKind < 0 || flags !== lastFlags) {
        lastKind = kinds.get(flags) ?? kinds.size;
        lastFlags = flags;
        kinds.set(flags, lastKind);
      }
      octets[index] = uid - this.#firstUid;
      octets[length + index] = lastKind;
    }
    const text = encoder.encode([...kinds.keys()].join('\n'));
    const stored = new Uint8Array(1 + length * OCTETS_EACH + text.length);
    stored[0] = length - 1;
    stored.set(new Uint8Array(columns.buffer), 1);
    stored.set(octets, 1 + columns.byteLength);
    stored.set(text, 1 + length * OCTETS_EACH);
    return stored;
  }
}

/** The entries of a stored block with a mod-sequence above `modSeq`. Most blocks have none, and cost little. */
export function laterEntries(block: number, stored: Uint8Array, modSeq: number): readonly LedgerEntry[] {
  const view = new DataView(stored.buffer, stored.byteOffset + 1);
  for (let index = 0; index <= stored[0]!; index++) {
    if (view.getFloat64(index * Float64Array.BYTES_PER_ELEMENT, IS_LITTLE_ENDIAN) > modSeq)
      return decodeBlock(block, stored).filter((entry) => entry.modSeq > modSeq);
  }
  return [];
}

/** The entries of a stored block, in ascending order of UID. */
export function decodeBlock(block: number, stored: Uint8Array): readonly LedgerEntry[] {
  const length = stored[0]! + 1;
  // A copy begins where numbers may begin.
  const columns = new Float64Array(new Uint8Array(stored.subarray(1, 1 + COLUMNS * 8 * length)).buffer);
  const octets = stored.subarray(1 + columns.byteLength);
  const kinds = decoder.decode(stored.subarray(1 + length * OCTETS_EACH)).split('\n');
  const entries: LedgerEntry[] = [];
  for (let index = 0; index < length; index++) {
    entries.push({
      uid: block * BLOCK_UIDS + octets[index]!,
      flags: kinds[octets[length + index]!]!,
      modSeq: columns[index]!,
      addedModSeq: columns[length + index]!,
      firstModSeq: columns[2 * length + index]!,
    });
  }
  return entries;
}
