import { expect, test } from 'vitest';
import * as index from '../src/index.ts';
import * as protocol from '../src/protocol.ts';

test('the public names', () => {
  expect(Object.keys(index).sort()).toEqual(['LoginGuard', 'handleConnection', 'serveImap']);
  expect(Object.keys(protocol).sort()).toEqual([
    'DEFAULT_LIMITS',
    'ImapServerProtocol',
    'MailboxView',
    'capabilitiesOf',
    'greeting',
    'holdsExpunges',
  ]);
});
