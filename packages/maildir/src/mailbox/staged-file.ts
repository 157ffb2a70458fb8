import type { Disk } from '../disk/disk.ts';
import { BareLineEnds } from '../format/line-ends.ts';

/** Octets gathered before they are written. */
const GATHERED = 65_536;

/** The file of one message in `tmp/` while it is written. */
export class StagedFile {
  readonly #disk: Disk;
  readonly #path: string;
  readonly #descriptor: number;
  readonly #lineEnds = new BareLineEnds();
  #gathered: Uint8Array[] = [];
  #gatheredSize = 0;
  #size = 0;

  private constructor(disk: Disk, path: string, descriptor: number) {
    this.#disk = disk;
    this.#path = path;
    this.#descriptor = descriptor;
  }

  static async create(disk: Disk, path: string): Promise<StagedFile> {
    return new StagedFile(disk, path, await disk.create(path));
  }

  /** Octets so far. */
  get size(): number {
    return this.#size;
  }

  /** Line ends without CR so far. */
  get bareLineEnds(): number {
    return this.#lineEnds.count;
  }

  /** Whether so much was gathered that it is to be written. */
  get isFull(): boolean {
    return this.#gatheredSize >= GATHERED;
  }

  /** Takes a chunk, which nobody changes until {@link flush}. */
  take(chunk: Uint8Array): void {
    this.#lineEnds.push(chunk);
    this.#size += chunk.length;
    this.#gathered.push(chunk);
    this.#gatheredSize += chunk.length;
  }

  /** Takes a chunk that the caller may fill again at once. */
  async takeNow(chunk: Uint8Array): Promise<void> {
    this.take(chunk);
    if (this.isFull) await this.flush();
    else this.#gathered[this.#gathered.length - 1] = chunk.slice();
  }

  async flush(): Promise<void> {
    if (this.#gathered.length === 0) return;
    const octets = this.#gathered.length === 1 ? this.#gathered[0]! : Buffer.concat(this.#gathered, this.#gatheredSize);
    await this.#disk.write(this.#descriptor, this.#path, octets);
    this.#gathered = [];
    this.#gatheredSize = 0;
  }

  setTimes(epochSeconds: number): Promise<void> {
    return this.#disk.setTimes(this.#descriptor, this.#path, epochSeconds);
  }

  /** Waits until it is on the disk, when that is wanted, and closes it. */
  async finish(): Promise<void> {
    try {
      await this.#disk.sync(this.#descriptor, this.#path);
    } finally {
      this.close();
    }
  }

  close(): void {
    this.#disk.close(this.#descriptor);
  }
}
