import { AuthenticationError, ConnectionClosedError, TransportError } from '@posthorn/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BackOff } from '../src/account/back-off.ts';
import { isPassing } from '../src/account/retry.ts';
import { ImapError, NotImapError, ServerRefusedError, throttleOf } from '../src/index.ts';

function refusal(text: string, code?: string): ServerRefusedError {
  const responseCode = code === undefined ? undefined : ({ type: 'atom', name: code } as const);
  return new ServerRefusedError({ tag: 'a', command: 'LOGIN', status: 'NO', responseCode, text });
}

const bye = (text: string) => new ConnectionClosedError('CONNECTION_BYE', `the server ended the session: ${text}`);

describe('a back-off', () => {
  test('waits within its bounds, longer each time, and at least as long as it was told', () => {
    const chance = fc.double({ min: 0, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(chance, fc.nat({ max: 200 }), fc.nat({ max: 10_000_000 }), (random, failures, hint) => {
        const backOff = new BackOff({ initialMs: 100, maxMs: 60_000, factor: 3, jitter: 1 }, () => random);
        let wait = 0;
        for (let failure = 0; failure < failures; failure++) {
          const next = backOff.next();
          expect(next).toBeGreaterThanOrEqual(wait);
          expect(next).toBeLessThanOrEqual(60_000);
          wait = next;
        }
        expect(backOff.next(hint)).toBeGreaterThanOrEqual(Math.min(hint, 3_600_000));
        backOff.reset();
        expect(backOff.next()).toBeLessThanOrEqual(100);
      }),
    );
  });

  test.each([
    { jitter: -0.1 },
    { jitter: 1.1 },
    { factor: 0.5 },
    { initialMs: -1 },
    { initialMs: 10, maxMs: 5 },
    { factor: Number.NaN },
  ])('refuses %j', (options) => {
    expect(() => new BackOff(options, Math.random)).toThrow(RangeError);
  });
});

describe('throttling is recognised (pain 12)', () => {
  test.each([
    ['Gmail', bye('[ALERT] Too many simultaneous connections. (Failure)'), 'connections', undefined],
    [
      'Dovecot',
      refusal('Maximum number of connections from user+IP exceeded (mail_max_userip_connections=10)', 'UNAVAILABLE'),
      'connections',
      undefined,
    ],
    ['Courier', bye('Maximum connection limit reached from 192.0.2.1'), 'connections', undefined],
    ['Exchange', refusal('User is authenticated but not connected.'), 'connections', undefined],
    ['Exchange', refusal('Request is throttled. Suggested Backoff Time: 299961 milliseconds'), 'rate', 299_961],
    ['Gmail', refusal('Account exceeded command or bandwidth limits. (Failure)', 'OVERQUOTA'), 'rate', undefined],
    ['Yahoo', refusal('LOGIN Rate limit hit.', 'LIMIT'), 'rate', undefined],
    ['Gmail', refusal('System Error (Failure)', 'THROTTLED'), 'rate', undefined],
    ['RFC 5530', refusal('User is on maintenance', 'UNAVAILABLE'), 'unavailable', undefined],
    ['RFC 5530', refusal('Another program is using it', 'INUSE'), 'inUse', undefined],
    ['anybody', refusal('Too many attempts, try again in 5 minutes'), 'rate', 300_000],
    ['anybody', refusal('Server busy, please wait 30 seconds', 'UNAVAILABLE'), 'unavailable', 30_000],
  ])('in what %s says: %s', (_, error, kind, waitMs) => {
    expect(throttleOf(error)).toEqual({ kind, waitMs });
    expect(throttleOf(new AuthenticationError('AUTH_UNAVAILABLE', 'not now', { cause: error }))).toEqual({
      kind,
      waitMs,
    });
    expect(isPassing(error)).toBe(true);
  });

  test.each([
    [refusal('Quota exceeded, no space left', 'OVERQUOTA')],
    [refusal('Invalid credentials', 'AUTHENTICATIONFAILED')],
    [refusal('No such mailbox', 'NONEXISTENT')],
    [new Error('too many connections')],
    [undefined],
  ])('and nothing else is taken for it: %s', (error) => {
    expect(throttleOf(error)).toBeUndefined();
    expect(isPassing(error)).toBe(false);
  });

  test('in time linear in what a server says', () => {
    const long = `${'too many '.repeat(100_000)} try again ${'wait '.repeat(100_000)}`;
    expect(throttleOf(refusal(long))).toBeUndefined();
    expect(throttleOf(refusal('wait a'.padEnd(1_000_000, ' a')))).toBeUndefined();
  });

  test('and a chain of causes that goes in circles ends', () => {
    const circle = new Error('one');
    circle.cause = circle;
    expect(throttleOf(circle)).toBeUndefined();
  });
});

test('what will be the same next time is not tried again', () => {
  for (const error of [
    new AuthenticationError('AUTH_REFUSED', 'no'),
    new AuthenticationError('AUTH_INSECURE', 'no'),
    new TransportError('TRANSPORT_CERTIFICATE', 'no'),
    new ImapError('IMAP_STARTTLS_UNAVAILABLE', 'no'),
    new NotImapError('smtp', '220'),
    new TypeError('no'),
  ])
    expect(isPassing(error)).toBe(false);
  for (const error of [
    new TransportError('TRANSPORT_CONNECT', 'refused'),
    new TransportError('TRANSPORT_HOST_UNKNOWN', 'offline'),
    new ConnectionClosedError('CONNECTION_TIMEOUT', 'late'),
    new AuthenticationError('AUTH_UNAVAILABLE', 'later'),
  ])
    expect(isPassing(error)).toBe(true);
});
