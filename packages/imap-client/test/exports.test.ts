import { expect, test } from 'vitest';
import * as client from '../src/index.ts';
import * as protocol from '../src/protocol.ts';

test('the public names', () => {
  expect(Object.keys(client).sort()).toEqual([
    'FetchIncompleteError',
    'ImapClient',
    'ImapError',
    'NotImapError',
    'SelectedMailbox',
    'ServerRefusedError',
    'connect',
  ]);
  expect(Object.keys(protocol).sort()).toEqual([
    'ImapClientProtocol',
    'ImapError',
    'NotImapError',
    'mayStart',
    'traitsOf',
  ]);
});
