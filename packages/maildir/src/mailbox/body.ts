import {
  type BodyHandle,
  type BodyStreamOptions,
  type ByteRange,
  InvalidStateError,
  StoreError,
  type Uid,
} from '@posthorn/core';
import { isMissing } from '../disk/disk.ts';
import { storeFailure } from '../disk/store-failure.ts';
import { entryPath, isVerbatim } from '../format/file-name.ts';
import { BareLineEnds, CrlfWriter } from '../format/line-ends.ts';
import type { Folder } from './folder.ts';
import { MessageFile } from './message-file.ts';
import { knownFileSize, type MessageRecord } from './message-record.ts';

const CHUNK = 131_072;
const MAX_TRIES = 10;
/** Small chunks are cut from one allocation, since the collector of garbage pays for each. */
const SLAB = 65_536;
const SMALL = 16_384;

let slab = new Uint8Array(0);

/** An opened message file and how its octets are given. */
export interface OpenBody {
  readonly file: MessageFile;
  /** Octets of the message. */
  readonly size: number;
  /** Whether a CR is put before each LF that lacks one. */
  readonly isConverted: boolean;
  readonly modifiedSeconds: number;
}

/** Messages whose sizes were counted, since their names do not tell them or cannot be trusted. */
const counted = new WeakMap<MessageRecord, { readonly fileSize: number; readonly bare: number }>();

/** Opens the file of a message, wherever another program moved it. */
export async function openMessage(
  folder: Folder,
  uid: Uid,
): Promise<{ readonly record: MessageRecord; readonly body: OpenBody }> {
  for (let round = 0; round < MAX_TRIES; round++) {
    if (round > 0) await folder.mutex.run(() => folder.refreshHeld({ isForced: true }));
    const record = folder.messages.find(uid);
    if (record === undefined) {
      if (round > 0) break;
      continue;
    }
    try {
      return { record, body: await openFile(folder, record) };
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
  throw new StoreError('STORE_EXPUNGED', 'there is no message with this UID');
}

/** The handle that a reader holds. */
export function bodyHandle({ file, size, isConverted }: OpenBody, range: ByteRange | undefined): BodyHandle {
  const start = range?.start ?? 0;
  const end = Math.min(range?.end ?? size, size);
  let isReleased = false;
  return {
    size,
    stream({ allocate }: BodyStreamOptions = {}) {
      if (isReleased) throw new InvalidStateError('the body was released');
      return guardedChunks(
        isConverted
          ? convertedChunks(plainChunks(file, 0, file.size), start, end)
          : plainChunks(file, start, end, CHUNK, allocate),
      );
    },
    async release() {
      if (isReleased) return;
      isReleased = true;
      file.close();
    },
  };
}

/** @throws RangeError for a range that is none. */
export function checkRange(range: ByteRange | undefined): void {
  if (range === undefined) return;
  const { start, end } = range;
  if (Number.isSafeInteger(start) && start >= 0 && end >= start) return;
  throw new RangeError(`a byte range ascends from 0, not ${start} to ${end}`);
}

/** Memory that is read into again and again, by who is done with a chunk before the next is read. */
export class ReadingMemory {
  #memory = new Uint8Array(0);

  readonly allocate = (length: number): Uint8Array => {
    if (length > this.#memory.length) this.#memory = new Uint8Array(length);
    return this.#memory.subarray(0, length);
  };
}

/** All octets of a message, as `read` gives them, in chunks that are good until the next. */
export function wholeBody(
  { file, size, isConverted }: OpenBody,
  { allocate }: ReadingMemory,
  chunkSize: number = CHUNK,
): AsyncIterable<Uint8Array> {
  const chunks = plainChunks(file, 0, isConverted ? file.size : size, chunkSize, allocate);
  return isConverted ? convertedChunks(chunks, 0, size) : chunks;
}

async function openFile(folder: Folder, record: MessageRecord): Promise<OpenBody> {
  const file = new MessageFile(entryPath(folder.filePlace(record), record.name));
  try {
    if (!file.isRegular) throw new StoreError('STORE_CORRUPT', 'something that is no file lies among the messages');
    const fileSize = file.size;
    const modifiedSeconds = Number(floorSeconds(file.modifiedNanoseconds));
    const isAsNamed = knownFileSize(record.base, record.fields) === fileSize;
    if (isVerbatim(record.base)) {
      record.size = fileSize;
      return { file, size: fileSize, isConverted: false, modifiedSeconds };
    }
    if (isAsNamed && record.size === fileSize) return { file, size: fileSize, isConverted: false, modifiedSeconds };
    const bare = await countBare(file, record, fileSize);
    record.size = fileSize + bare;
    return { file, size: record.size, isConverted: bare > 0, modifiedSeconds };
  } catch (error) {
    file.close();
    throw error;
  }
}

export function floorSeconds(nanoseconds: bigint): bigint {
  const whole = nanoseconds / 1_000_000_000n;
  return nanoseconds < 0n && nanoseconds % 1_000_000_000n !== 0n ? whole - 1n : whole;
}

async function countBare(file: MessageFile, record: MessageRecord, fileSize: number): Promise<number> {
  const known = counted.get(record);
  if (known?.fileSize === fileSize) return known.bare;
  const lineEnds = new BareLineEnds();
  for await (const chunk of plainChunks(file, 0, fileSize)) lineEnds.push(chunk);
  counted.set(record, { fileSize, bare: lineEnds.count });
  return lineEnds.count;
}

async function* plainChunks(
  file: MessageFile,
  start: number,
  end: number,
  chunkSize: number = CHUNK,
  allocate: (length: number) => Uint8Array = freshBuffer,
): AsyncIterable<Uint8Array> {
  for (let offset = start; offset < end; ) {
    const buffer = allocate(Math.min(chunkSize, end - offset));
    const bytesRead = await file.read(buffer, offset);
    if (bytesRead === 0) throw new StoreError('STORE_CORRUPT', 'the file of a message shrank while it was read');
    offset += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** Octets that nobody else writes to. */
function freshBuffer(length: number): Uint8Array {
  if (length > SMALL) return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
  if (length > slab.length) slab = new Uint8Array(Buffer.allocUnsafeSlow(SLAB).buffer);
  const buffer = slab.subarray(0, length);
  slab = slab.subarray(length);
  return buffer;
}

/** Chunks of the message with CRLF line ends; offsets count its octets, not those of the file. */
async function* convertedChunks(
  chunks: AsyncIterable<Uint8Array>,
  start: number,
  end: number,
): AsyncIterable<Uint8Array> {
  const writer = new CrlfWriter();
  let offset = 0;
  for await (const chunk of chunks) {
    if (offset >= end) return;
    const converted = writer.push(chunk);
    const from = Math.max(0, start - offset);
    const to = Math.min(converted.length, end - offset);
    offset += converted.length;
    if (to > from) yield converted.subarray(from, to);
  }
}

async function* guardedChunks(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    throw storeFailure(error);
  }
}
