import { expect, test } from 'vitest';
import * as mime from '../src/index.ts';

test('the public names', () => {
  expect(Object.keys(mime).sort()).toEqual([
    'MessageScanner',
    'decodeCharset',
    'decodeStream',
    'decodeTransfer',
    'decodeWords',
    'headerFields',
    'isCharset',
    'parseAddressList',
    'parseHeader',
    'scanMessage',
    'sectionRange',
    'transferDecoder',
  ]);
});
