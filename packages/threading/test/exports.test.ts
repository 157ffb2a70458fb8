import type { SortKey as WireSortKey, ThreadNode as WireThreadNode } from '@posthorn/wire/extensions';
import { expect, expectTypeOf, test } from 'vitest';
import * as threading from '../src/index.ts';

test('the public names', () => {
  expect(Object.keys(threading).sort()).toEqual([
    'asciiCasemap',
    'baseSubject',
    'displayName',
    'parseMessageId',
    'parseMessageIds',
    'sortMessages',
    'sortableMessage',
    'threadMessages',
    'unicodeCasemap',
  ]);
});

test('what comes from and goes to the wire fits', () => {
  expectTypeOf<threading.ThreadNode>().toEqualTypeOf<WireThreadNode>();
  expectTypeOf<threading.SortKey>().toExtend<WireSortKey>();
});
