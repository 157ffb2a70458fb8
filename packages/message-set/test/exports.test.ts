import { expect, test } from 'vitest';
import * as index from '../src/index.ts';

test('the public names', () => {
  expect(Object.keys(index).sort()).toEqual([
    'IdSetBuilder',
    'SequenceSetError',
    'at',
    'complement',
    'contains',
    'count',
    'difference',
    'emptySet',
    'equalSets',
    'first',
    'formatSequenceSet',
    'formatSet',
    'ids',
    'intersection',
    'isEmpty',
    'last',
    'pairIds',
    'parseIdSet',
    'parseSequenceSet',
    'rangeSet',
    'ranges',
    'rank',
    'resolveSequenceSet',
    'sequenceIds',
    'sequenceSetOf',
    'setFromRanges',
    'setOf',
    'simplifySequenceSet',
    'sliceSet',
    'splitSequenceSet',
    'splitSet',
    'union',
  ]);
});
