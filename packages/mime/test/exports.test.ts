import { expect, test } from 'vitest';
import * as mime from '../src/index.ts';

test('the public names', () => {
  expect(Object.keys(mime).sort()).toEqual([
    'MessageScanner',
    'decodeCharset',
    'decodeParameters',
    'decodeStream',
    'decodeTransfer',
    'decodeWords',
    'fileNameOf',
    'findPreviewPart',
    'headerFields',
    'isCharset',
    'listAttachments',
    'parseAddressList',
    'parseHeader',
    'previewText',
    'scanMessage',
    'sectionRange',
    'transferDecoder',
  ]);
});
