import { TransportError } from '@posthorn/core';
import { describe, expect, it } from 'vitest';
import { allOrNothing, brokenLine, closedByUs, endedByServer, isBroken, timedOut } from '../src/client/index.ts';

/** A connection that keeps what it was ended with. */
function connection(): { readonly reasons: unknown[]; fail(reason: unknown): void } {
  const reasons: unknown[] = [];
  return { reasons, fail: (reason) => void reasons.push(reason) };
}

describe('all or nothing', () => {
  it('leaves the connection as it is when the work is done', async () => {
    const controller = new AbortController();
    const { reasons, fail } = connection();
    expect(await allOrNothing({ fail }, controller.signal, async () => 7)).toBe(7);
    controller.abort(new Error('too late to matter'));
    expect(reasons).toEqual([]);
  });

  it('ends the connection with what the work fails with', async () => {
    const error = new Error('refused');
    const { reasons, fail } = connection();
    await expect(allOrNothing({ fail }, undefined, () => Promise.reject(error))).rejects.toBe(error);
    expect(reasons).toEqual([error]);
  });

  it('ends the connection at once when it is aborted, and does no work when it was before', async () => {
    const controller = new AbortController();
    const reason = new Error('given up');
    let stop: (error: unknown) => void = () => {};
    const reasons: unknown[] = [];
    const fail = (given: unknown): void => {
      reasons.push(given);
      stop(given);
    };
    const never = new Promise((_, reject) => {
      stop = reject;
    });
    const work = allOrNothing({ fail }, controller.signal, () => never);
    controller.abort(reason);
    await expect(work).rejects.toBe(reason);
    expect(new Set(reasons)).toEqual(new Set([reason]));
    let hasBegun = false;
    const late = allOrNothing({ fail }, controller.signal, async () => {
      hasBegun = true;
    });
    await expect(late).rejects.toBe(reason);
    expect(hasBegun).toBe(false);
  });
});

it('tells why a connection ended', () => {
  const cause = new TransportError('TRANSPORT_BROKEN', 'reset by peer');
  expect(isBroken(cause)).toBe(true);
  expect(isBroken(new TransportError('TRANSPORT_TIMEOUT', 'late'))).toBe(false);
  expect(isBroken(undefined)).toBe(false);
  expect(brokenLine(cause)).toMatchObject({ code: 'CONNECTION_CLOSED', message: 'the connection broke', cause });
  expect(endedByServer()).toMatchObject({ code: 'CONNECTION_CLOSED', message: 'the server closed the connection' });
  expect(endedByServer(undefined, cause).cause).toBe(cause);
  expect(endedByServer('good\r\nnight')).toMatchObject({ code: 'CONNECTION_BYE' });
  expect(endedByServer('good\r\nnight').message).not.toMatch(/[\r\n]/);
  expect(closedByUs()).toMatchObject({ code: 'CONNECTION_CLOSED', message: 'the client is closed' });
  expect(timedOut('NOOP', 50).message).toBe('the server did not answer NOOP within 50 ms');
  expect(timedOut(undefined, 50)).toMatchObject({
    code: 'CONNECTION_TIMEOUT',
    message: 'the server did not answer in time',
  });
});
