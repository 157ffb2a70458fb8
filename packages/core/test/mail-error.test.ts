import { describe, expect, test, vi } from 'vitest';
import {
  AuthenticationError,
  assertNever,
  ConnectionClosedError,
  InvalidStateError,
  LimitExceededError,
  MailError,
  StoreError,
  silentLogger,
  TransportError,
} from '../src/index.ts';

describe('errors', () => {
  const cause = new Error('beneath');
  test.each([
    [new LimitExceededError('line', 8192, { cause }), 'LIMIT_EXCEEDED', 'LimitExceededError'],
    [new AuthenticationError('AUTH_REFUSED', 'refused', { cause }), 'AUTH_REFUSED', 'AuthenticationError'],
    [
      new ConnectionClosedError('CONNECTION_BYE', 'the server said good-bye', { cause }),
      'CONNECTION_BYE',
      'ConnectionClosedError',
    ],
    [new TransportError('TRANSPORT_TLS', 'the handshake failed', { cause }), 'TRANSPORT_TLS', 'TransportError'],
    [new StoreError('STORE_IN_USE', 'locked', { cause }), 'STORE_IN_USE', 'StoreError'],
    [new InvalidStateError('no mailbox is selected', { cause }), 'INVALID_STATE', 'InvalidStateError'],
  ])('%s', (error, code, name) => {
    expect(error).toBeInstanceOf(MailError);
    expect([error.code, error.name, error.cause]).toEqual([code, name, cause]);
    expect(MailError.is(error)).toBe(true);
    expect(error.message).toMatch(/^[a-z]/);
  });

  test('a limit says which and how much', () => {
    const { limit, allowed } = new LimitExceededError('literal', 100);
    expect([limit, allowed]).toEqual(['literal', 100]);
  });

  test('errors of another copy of the package are known, others are not', async () => {
    vi.resetModules();
    const other: typeof import('../src/index.ts') = await import('../src/index.ts');
    expect(other.StoreError).not.toBe(StoreError);
    expect(MailError.is(new other.StoreError('STORE_CLOSED', 'closed'))).toBe(true);
    for (const value of [new Error('x'), { code: 'STORE_CLOSED' }, null, undefined, 'STORE_CLOSED'])
      expect(MailError.is(value)).toBe(false);
  });
});

test("a closed union that is not closed is the programmer's fault", () => {
  expect(() => assertNever({ type: 'new' } as never)).toThrow(TypeError);
});

test('the silent logger says nothing', () => {
  expect([
    silentLogger.debug('x'),
    silentLogger.info('x'),
    silentLogger.warn('x'),
    silentLogger.error('x', { a: 1 }),
  ]).toEqual([undefined, undefined, undefined, undefined]);
});
