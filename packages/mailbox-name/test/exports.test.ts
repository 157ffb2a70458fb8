import { expect, test } from 'vitest';
import * as index from '../src/index.ts';

test('the public names', () => {
  expect(Object.keys(index).sort()).toEqual([
    'canonicalPath',
    'compilePattern',
    'decodeModifiedUtf7',
    'encodeModifiedUtf7',
    'isInbox',
    'joinPath',
    'mailboxName',
    'mailboxNameFromWire',
    'splitName',
  ]);
});
