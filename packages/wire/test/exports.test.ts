import { expect, test } from 'vitest';
import * as index from '../src/index.ts';

test('the public names', () => {
  expect(Object.keys(index).sort()).toEqual([
    'CapabilitySet',
    'CommandDecoder',
    'ResponseDecoder',
    'WHOLE_MESSAGE',
    'WireSyntaxError',
    'encodeCommand',
    'encodeDone',
    'encodeResponse',
    'encodeSaslCancel',
    'encodeSaslResponse',
    'extensionCommand',
    'extensionResponse',
    'fromBase64',
    'readExtension',
    'readExtensionCommand',
    'redactedText',
    'toBase64',
  ]);
});
