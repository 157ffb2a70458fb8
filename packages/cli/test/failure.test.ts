import { AuthenticationError, ConnectionClosedError, StoreError, TransportError } from '@posthorn/core';
import { describe, expect, it } from 'vitest';
import { describeFailure, UsageError } from '../src/failure.ts';

describe('describeFailure', () => {
  it.each([
    [new UsageError('say where to listen'), 2],
    [new AuthenticationError('AUTH_REFUSED', 'no'), 3],
    [new TransportError('TRANSPORT_CONNECT', 'no'), 4],
    [new TransportError('TRANSPORT_CERTIFICATE', 'no'), 4],
    [new StoreError('STORE_IN_USE', 'no'), 5],
    [new StoreError('STORE_CORRUPT', 'no'), 5],
    [new StoreError('STORE_OVER_QUOTA', 'no'), 1],
    [new StoreError('STORE_NO_PERMISSION', 'no'), 1],
    [new Error('surprise'), 1],
    ['surprise', 1],
  ])('gives %s the exit code %d', (error, exitCode) => {
    expect(describeFailure(error).exitCode).toBe(exitCode);
  });

  it('knows an interruption by its reason', () => {
    const signal = AbortSignal.abort();
    expect(describeFailure(signal.reason, signal)).toMatchObject({ exitCode: 130, code: 'INTERRUPTED' });
    const closed = new ConnectionClosedError('CONNECTION_CLOSED', 'gone');
    expect(describeFailure(closed, signal).exitCode).toBe(130);
    expect(describeFailure(closed).exitCode).toBe(4);
    expect(describeFailure(new Error('else'), signal).exitCode).toBe(1);
  });

  it('shows a server’s words on one line without control characters', () => {
    const { message } = describeFailure(new AuthenticationError('AUTH_REFUSED', 'no\r\n\u001b[2Jway'));
    expect(message).toBe('no [2Jway: check the user name and the password');
  });
});
