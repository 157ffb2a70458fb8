import type { ScramHash, ScramKeys } from '@posthorn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsersError } from '../src/index.ts';
import type { UserRecord } from '../src/user-record.ts';
import { formatUsers, parseUsers, type Users } from '../src/users-text.ts';

const octets = (size: number) => fc.uint8Array({ minLength: size, maxLength: size });
const keys = (size: number): fc.Arbitrary<ScramKeys> =>
  fc.record({
    salt: fc.uint8Array({ minLength: 1, maxLength: 20 }),
    iterations: fc.integer({ min: 1, max: 10_000_000 }),
    storedKey: octets(size),
    serverKey: octets(size),
  });
const user: fc.Arbitrary<UserRecord> = fc
  .record({
    name: fc.string({ unit: 'grapheme', minLength: 1 }),
    password: fc.record({
      salt: fc.uint8Array({ minLength: 1, maxLength: 20 }),
      cost: fc.integer({ min: 1, max: 20 }).map((power) => 2 ** power),
      blockSize: fc.integer({ min: 1, max: 32 }),
      parallelization: fc.integer({ min: 1, max: 16 }),
      key: octets(32),
    }),
    sha1: fc.option(keys(20)),
    sha256: fc.option(keys(32)),
    sha512: fc.option(keys(64)),
  })
  .map(({ name, password, sha1, sha256, sha512 }) => {
    const all: readonly (readonly [ScramHash, ScramKeys | null])[] = [
      ['SHA-1', sha1],
      ['SHA-256', sha256],
      ['SHA-512', sha512],
    ];
    const scram = all.filter((each): each is readonly [ScramHash, ScramKeys] => each[1] !== null);
    return { name, password, scram: new Map(scram) };
  });
const users: fc.Arbitrary<Users> = fc
  .record({ secret: octets(32), list: fc.uniqueArray(user, { selector: ({ name }) => name, maxLength: 5 }) })
  .map(({ secret, list }) => ({ secret, byName: new Map(list.map((each) => [each.name, each])) }));

/** Octets as lists, so that views of different classes compare. */
const plain = (value: Users): unknown =>
  JSON.parse(
    JSON.stringify(value, (_key, each: unknown) => {
      if (each instanceof Map) return [...each];
      return each instanceof Uint8Array ? Array.from(each) : each;
    }),
    // A Buffer was made an object of its own kind before it came here.
    (_key, each: { readonly type?: string; readonly data?: unknown }) => (each?.type === 'Buffer' ? each.data : each),
  );

describe('a users file', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(users, (written) => {
        expect(plain(parseUsers(formatUsers(written), 'users'))).toEqual(plain(written));
      }),
    );
  });

  it('has a user to a line', () => {
    fc.assert(
      fc.property(users, (written) => {
        const lines = formatUsers(written).split('\n');
        expect(lines.filter((line) => line.includes('"scrypt":'))).toHaveLength(written.byName.size);
      }),
    );
  });

  it('ends in users or an error of one kind, whatever is in it', () => {
    const json = fc.json();
    const mutated = fc
      .tuple(users, fc.nat(), fc.constantFrom('', '"', '{', '}', '[', '0', '-1', 'null', ',', 'é'))
      .map(([written, at, piece]) => {
        const text = formatUsers(written);
        const place = at % text.length;
        return text.slice(0, place) + piece + text.slice(place + 1);
      });
    fc.assert(
      fc.property(fc.oneof(json, mutated, fc.string()), (text) => {
        try {
          parseUsers(text, 'users');
        } catch (error) {
          expect(error).toBeInstanceOf(UsersError);
          expect(error).toMatchObject({ code: 'USERS_CORRUPT' });
        }
      }),
      { numRuns: 1000 },
    );
  });
});
