import { expect, test } from 'vitest';
import * as index from '../src/index.ts';

test('the public names', () => {
  expect(Object.keys(index).sort()).toEqual([
    'CapabilitySet',
    'CommandDecoder',
    'DotStuffer',
    'DotUnstuffer',
    'Pop3CommandDecoder',
    'Pop3ResponseDecoder',
    'ResponseDecoder',
    'WHOLE_MESSAGE',
    'WireSyntaxError',
    'encodeCommand',
    'encodeDone',
    'encodePop3Challenge',
    'encodePop3Command',
    'encodePop3Status',
    'encodeResponse',
    'encodeSaslCancel',
    'encodeSaslResponse',
    'extensionCommand',
    'extensionResponse',
    'fromBase64',
    'hasPop3Body',
    'parsePop3Capabilities',
    'parsePop3Size',
    'parsePop3Stat',
    'parsePop3UniqueId',
    'pop3Timestamp',
    'readExtension',
    'readExtensionCommand',
    'redactedText',
    'toBase64',
  ]);
});
