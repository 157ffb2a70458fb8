import { expect, it } from 'vitest';
import * as client from '../src/client/index.ts';
import * as transport from '../src/index.ts';
import * as pair from '../src/memory-pair.ts';
import * as serving from '../src/serving/index.ts';
import * as limits from '../src/serving/serving-limits.ts';

it('exports these names', () => {
  expect(Object.keys(transport).sort()).toEqual([
    'canStopDeflate',
    'connectTcp',
    'connectTls',
    'lendsChunks',
    'listen',
    'memoryPair',
    'spawnTransport',
    'transportFromDuplex',
    'transportFromSocket',
  ]);
  expect(Object.keys(pair)).toEqual(['memoryPair']);
  expect(Object.keys(client).sort()).toEqual([
    'Watchdog',
    'allOrNothing',
    'brokenLine',
    'clientTls',
    'closedByUs',
    'endedByServer',
    'isBroken',
    'openTransport',
    'sleep',
    'systemTimers',
    'timedOut',
    'within',
  ]);
  expect(Object.keys(serving).sort()).toEqual([
    'BrokenResponseError',
    'LoginGuard',
    'SERVING_LIMITS',
    'SendBuffer',
    'backgroundTimers',
    'checkIdentity',
    'errorFacts',
    'remoteHost',
    'serveSessions',
    'serverTls',
  ]);
  expect(Object.keys(limits)).toEqual(['SERVING_LIMITS']);
});
