import { expect, test } from 'vitest';
import * as client from '../src/index.ts';
import * as protocol from '../src/protocol.ts';

test('the public names', () => {
  expect(Object.keys(client).sort()).toEqual([
    'COMMAND_CHANNEL',
    'ConversionFailedError',
    'FETCH_ALL',
    'FETCH_FAST',
    'FETCH_FULL',
    'FetchIncompleteError',
    'ImapAccount',
    'ImapClient',
    'ImapError',
    'NotImapError',
    'PROVIDERS',
    'SelectedMailbox',
    'ServerRefusedError',
    'allOf',
    'anyOf',
    'argument',
    'connect',
    'findProvider',
    'not',
    'openAccount',
    'parseReferral',
    'readTokens',
    'referralsOf',
    'specialFolders',
    'throttleOf',
  ]);
  expect(Object.keys(protocol).sort()).toEqual([
    'ImapClientProtocol',
    'ImapError',
    'NotImapError',
    'mayStart',
    'traitsOf',
  ]);
});
