import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Database, RootDatabase } from 'lmdb';
import { afterEach, expect, it } from 'vitest';
import { IndexRoom, makeLockFile } from '../src/sidecar-index/index-room.ts';
import { scratchDirectory } from './support.ts';

const { open } = createRequire(import.meta.url)('lmdb') as typeof import('lmdb');

interface OpenIndex {
  readonly root: RootDatabase;
  readonly room: IndexRoom;
  readonly values: Database<Uint8Array, number>;
  readonly file: string;
}

const opened: OpenIndex[] = [];

function openIndex(directory = scratchDirectory()): OpenIndex {
  mkdirSync(directory, { recursive: true });
  const root = open({ path: directory, maxDbs: 2, noSync: true });
  const file = join(directory, 'data.mdb');
  const room = new IndexRoom(root, file);
  room.transaction(() => {});
  const index = { root, room, file, values: root.openDB<Uint8Array, number>({ name: 'values', encoding: 'binary' }) };
  opened.push(index);
  return index;
}

async function close({ root, room }: OpenIndex): Promise<void> {
  room.close();
  await root.close();
}

afterEach(async () => {
  for (const index of opened.splice(0)) await close(index);
});

/** The number of pages that the file has room for, and of those in use. */
function pagesOf({ root, file }: OpenIndex): { room: number; used: number } {
  const { pageSize, lastPageNumber } = root.getStats() as { pageSize: number; lastPageNumber: number };
  return { room: Math.floor(statSync(file).size / pageSize), used: lastPageNumber + 1 };
}

const change = fc.record({ key: fc.nat(400), octets: fc.option(fc.nat(30_000)) });

it('has room in the file for all that LMDB writes, whatever a transaction does', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(change, { maxLength: 60 }), { maxLength: 12 }), async (transactions) => {
      const index = openIndex();
      for (const changes of transactions) {
        index.room.transaction(() => {
          for (const { key, octets } of changes) {
            index.room.expect(octets ?? 0);
            if (octets === null) index.values.removeSync(key);
            else index.values.putSync(key, new Uint8Array(octets));
          }
        });
        const { room, used } = pagesOf(index);
        expect(used).toBeLessThanOrEqual(room);
      }
      await close(opened.pop()!);
    }),
    { numRuns: 40 },
  );
});

it('does not grow for small changes, one after the other', () => {
  const index = openIndex();
  for (let round = 0; round < 500; round++)
    index.room.transaction(() => {
      index.room.expect(100);
      index.values.putSync(round % 10, new Uint8Array(100));
    });
  expect(pagesOf(index).room).toBeLessThan(100);
});

it('looks anew after somebody else wrote, and after a transaction that came to nothing', () => {
  const index = openIndex();
  const write = (key: number): void => {
    index.room.transaction(() => {
      index.room.expect(3_000);
      index.values.putSync(key, new Uint8Array(3_000));
    });
    const { room, used } = pagesOf(index);
    expect(used).toBeLessThanOrEqual(room);
  };
  write(1);
  // Beside it, as another process does.
  for (let key = 100; key < 120; key++) index.values.putSync(key, new Uint8Array(20_000));
  write(2);
  const failure = new Error('a change of mind');
  expect(() =>
    index.room.transaction(() => {
      index.room.expect(1_000_000);
      index.values.putSync(3, new Uint8Array(1_000_000));
      throw failure;
    }),
  ).toThrow(failure);
  expect(index.values.get(3)).toBeUndefined();
  for (let key = 4; key < 60; key++) write(key);
});

it('says that the disk is full, and the database stays as it was', () => {
  const index = openIndex();
  const put = (octets: number): void =>
    index.room.transaction(() => {
      index.values.putSync(1, new Uint8Array(10));
      index.room.expect(octets);
      index.values.putSync(2, new Uint8Array(octets));
    });
  put(20_000);
  // No disk has this much room, nor has the memory.
  expect(() => put(2 ** 52)).toThrow(/allocation|length|size|space/i);
  expect([...index.values.getKeys()]).toEqual([1, 2]);
  expect(index.values.get(2)).toHaveLength(20_000);
  put(30_000);
  expect(index.values.get(2)).toHaveLength(30_000);
});

it('makes a file of locks without holes, and leaves one alone that is there', () => {
  const directory = scratchDirectory();
  mkdirSync(directory, { recursive: true });
  const file = join(directory, 'lock.mdb');
  makeLockFile(file, `${file}.1`);
  expect(readdirSync(directory)).toEqual(['lock.mdb']);
  const { size, blocks } = statSync(file);
  expect(blocks * 512).toBeGreaterThanOrEqual(size);
  const index = openIndex(directory);
  index.room.transaction(() => {
    index.room.expect(1);
    index.values.putSync(1, new Uint8Array(1));
  });
  expect(statSync(file).size).toBe(size);
  writeFileSync(join(directory, 'other'), 'in use');
  makeLockFile(join(directory, 'other'), join(directory, 'temporary'));
  expect(statSync(join(directory, 'other')).size).toBe(6);
  expect(existsSync(join(directory, 'temporary'))).toBe(false);
});
