import { expect, test } from 'vitest';
import * as client from '../src/index.ts';
import * as protocol from '../src/protocol.ts';

test('the public names', () => {
  expect(Object.keys(client).sort()).toEqual([
    'CommitFailedError',
    'FetchPlan',
    'NotPop3Error',
    'Pop3Capabilities',
    'Pop3Client',
    'Pop3Error',
    'ServerRefusedError',
    'apopDigest',
    'connect',
    'fetchNew',
    'linesOf',
    'memorySeen',
    'openSeenFile',
    'readMaildrop',
  ]);
  expect(Object.keys(protocol).sort()).toEqual(['NotPop3Error', 'Pop3Capabilities', 'Pop3ClientProtocol', 'Pop3Error']);
});
