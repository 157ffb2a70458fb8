import type { IndexDatabases } from './account-index.ts';
import type { IndexRoom } from './index-room.ts';
import { blockOf, LedgerBlock } from './ledger-block.ts';

/** The block of a mailbox's ledger that is being changed, in a transaction. Neighbours in a row cost one write. */
export class OpenBlocks {
  readonly #room: IndexRoom;
  readonly #messages: IndexDatabases['messages'];
  readonly #id: number;
  #number = -1;
  #block: LedgerBlock | undefined;

  constructor(room: IndexRoom, messages: IndexDatabases['messages'], id: number) {
    this.#room = room;
    this.#messages = messages;
    this.#id = id;
  }

  /** The block that a UID belongs to. It is written when another one is asked for. */
  holding(uid: number): LedgerBlock {
    const number = blockOf(uid);
    if (this.#block !== undefined && number === this.#number) return this.#block;
    this.close();
    this.#number = number;
    this.#block = new LedgerBlock(number, this.#messages.get([this.#id, number]));
    return this.#block;
  }

  /** Writes what is still open. */
  close(): void {
    if (this.#block === undefined) return;
    const key: [number, number] = [this.#id, this.#number];
    const stored = this.#block.encode();
    this.#room.expect(stored?.length ?? 0);
    if (stored === undefined) this.#messages.removeSync(key);
    else this.#messages.putSync(key, stored);
    this.#block = undefined;
  }
}
