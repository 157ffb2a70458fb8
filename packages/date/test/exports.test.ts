import { expect, test } from 'vitest';
import * as index from '../src/index.ts';

test('the public names', () => {
  expect(Object.keys(index).sort()).toEqual([
    'DateSyntaxError',
    'compareImapDates',
    'formatImapDate',
    'formatInternalDate',
    'formatMessageDate',
    'formatRfc3339',
    'imapDateOf',
    'internalDateOf',
    'parseImapDate',
    'parseInternalDate',
    'parseMessageDate',
    'parseRfc3339',
    'readInternalDate',
    'toDate',
  ]);
});
