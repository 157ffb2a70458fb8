import { expect, test } from 'vitest';
import * as index from '../src/index.ts';

test('the public names', () => {
  expect(Object.keys(index).sort()).toEqual([
    'AuthenticationError',
    'ConnectionClosedError',
    'InvalidStateError',
    'LimitExceededError',
    'MAX_ID',
    'MailError',
    'SYSTEM_FLAGS',
    'StoreError',
    'TransportError',
    'accountId',
    'addressSpec',
    'applyFlags',
    'assertNever',
    'canonicalFlag',
    'collectBytes',
    'concatBytes',
    'decodeText',
    'emailId',
    'equalBytes',
    'groupAddresses',
    'hasFlag',
    'mailboxId',
    'modSeq',
    'sameFlags',
    'sequenceNumber',
    'sessionId',
    'silentLogger',
    'threadId',
    'uid',
    'uidValidity',
    'utf8Bytes',
  ]);
});
