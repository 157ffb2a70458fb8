import { expect, test } from 'vitest';
import * as index from '../src/index.ts';
import * as protocol from '../src/protocol.ts';

test('the public names', () => {
  expect(Object.keys(index).sort()).toEqual(['LoginGuard', 'handleConnection', 'servePop3']);
  expect(Object.keys(protocol).sort()).toEqual([
    'BodyStuffer',
    'DEFAULT_LIMITS',
    'Maildrop',
    'Pop3ServerProtocol',
    'TopCutter',
    'capabilitiesOf',
    'uniqueIds',
  ]);
});
