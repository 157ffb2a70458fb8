import { StoreError, uid } from '@posthorn/core';
import { setOf } from '@posthorn/message-set';
import { describe, expect, it } from 'vitest';
import { ConformanceError, expectEqual, expectRefusal, expectThat, rejectionOf, show, soon } from '../src/expect.ts';

describe('expectEqual', () => {
  it.each([
    [1n, 1n],
    [
      { a: 1, b: [2, 3n] },
      { b: [2, 3n], a: 1, c: undefined },
    ],
    [setOf([uid(1), uid(2)]), setOf([uid(2), uid(1)])],
    [Uint8Array.of(1, 2), Uint8Array.of(1, 2)],
    [new Map([[1, 'a']]), [[1, 'a']]],
    [null, null],
  ])('takes %o for %o', (left, right) => {
    expect(() => expectEqual(left, right, 'it')).not.toThrow();
  });

  it.each([
    [1, 1n],
    ['1', 1],
    [undefined, null],
    [[], {}],
    [{ a: 1 }, { a: 2 }],
    [Uint8Array.of(1, 2), Uint8Array.of(2, 1)],
    [new Uint8Array(100).fill(1), new Uint8Array(100).fill(1).fill(2, 99)],
    [setOf([uid(1)]), setOf([uid(2)])],
  ])('tells %o from %o', (left, right) => {
    expect(() => expectEqual(left, right, 'it')).toThrow(ConformanceError);
  });

  it('says what was expected', () => {
    expect(() => expectEqual([1, 2], [1], 'the UIDs')).toThrow('the UIDs: expected [1], got [1, 2]');
  });
});

it('expectThat says what should hold', () => {
  expectThat(true, 'all is well');
  expect(() => expectThat(false, 'all is well')).toThrow('expected that all is well');
});

describe('expectRefusal', () => {
  const refused = (): Promise<never> => Promise.reject(new StoreError('STORE_CANNOT', 'no'));

  it('takes the codes that are allowed', async () => {
    await expectRefusal(refused(), 'STORE_CANNOT', 'it');
    await expectRefusal(refused(), ['STORE_NONEXISTENT', 'STORE_CANNOT'], 'it');
  });

  it('refuses other codes, other errors and success', async () => {
    await expect(expectRefusal(refused(), 'STORE_NONEXISTENT', 'it')).rejects.toThrow('expected STORE_NONEXISTENT');
    await expect(expectRefusal(Promise.reject(new TypeError('x')), 'STORE_CANNOT', 'it')).rejects.toThrow(
      'TypeError: x',
    );
    await expect(expectRefusal(Promise.resolve(7), 'STORE_CANNOT', 'it')).rejects.toThrow(
      'expected a rejection, got 7',
    );
  });
});

it('rejectionOf gives the very reason', async () => {
  expect(await rejectionOf(Promise.reject('reason'), 'it')).toBe('reason');
});

describe('soon', () => {
  it('passes on values and rejections', async () => {
    expect(await soon(Promise.resolve(7), 'it')).toBe(7);
    await expect(soon(Promise.reject(new Error('x')), 'it')).rejects.toThrow('x');
  });

  it('does not wait for ever', async () => {
    await expect(soon(new Promise(() => {}), 'the hint', 1)).rejects.toThrow('the hint: nothing happened in 1 ms');
  });
});

it('show writes octets as a size, a checksum and their start', () => {
  expect(show(Uint8Array.of(0x41, 0x0d, 0x0a))).toBe('<3 octets, checksum 62878: 41 0d 0a>');
});
