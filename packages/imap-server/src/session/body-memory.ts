/** One piece of the memory that all sessions share. */
const SLAB_BYTES = 128 * 1024;
/** Pieces kept for later. */
const MAX_FREE = 32;

const free: Uint8Array[] = [];

/** Memory that bodies are read into on their way to a client, used again once they were sent. */
export class BodyMemory {
  #slabs: Uint8Array[] = [];
  #room: Uint8Array = new Uint8Array(0);

  /** Memory that is nobody else's until {@link recycle}. */
  readonly allocate = (length: number): Uint8Array => {
    if (length > SLAB_BYTES) return new Uint8Array(length);
    if (length > this.#room.length) {
      this.#room = free.pop() ?? new Uint8Array(SLAB_BYTES);
      this.#slabs.push(this.#room);
    }
    const taken = this.#room.subarray(0, length);
    this.#room = this.#room.subarray(length);
    return taken;
  };

  /** All that was read so far was sent: its memory may be used again. */
  recycle(): void {
    if (this.#slabs.length === 0) return;
    for (const slab of this.#slabs) if (free.length < MAX_FREE) free.push(slab);
    this.#slabs = [];
    this.#room = new Uint8Array(0);
  }
}
