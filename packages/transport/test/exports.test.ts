import { expect, it } from 'vitest';
import * as transport from '../src/index.ts';
import * as pair from '../src/memory-pair.ts';

it('exports these names', () => {
  expect(Object.keys(transport).sort()).toEqual([
    'connectTcp',
    'connectTls',
    'listen',
    'memoryPair',
    'spawnTransport',
    'transportFromDuplex',
    'transportFromSocket',
  ]);
  expect(Object.keys(pair)).toEqual(['memoryPair']);
});
