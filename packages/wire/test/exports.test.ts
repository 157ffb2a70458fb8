import { expect, test } from 'vitest';
import * as extensions from '../src/extensions.ts';
import * as index from '../src/index.ts';
import * as pop3 from '../src/pop3.ts';

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
    'fromBase64',
    'redactedText',
    'toBase64',
  ]);
});

test('the public names of the extensions', () => {
  expect(Object.keys(extensions).sort()).toEqual([
    'extensionCommand',
    'extensionResponse',
    'readExtension',
    'readExtensionCommand',
  ]);
});

test('the public names of POP3', () => {
  expect(Object.keys(pop3).sort()).toEqual([
    'DotStuffer',
    'DotUnstuffer',
    'Pop3CommandDecoder',
    'Pop3ResponseDecoder',
    'encodePop3Challenge',
    'encodePop3Command',
    'encodePop3Status',
    'hasPop3Body',
    'parsePop3Capabilities',
    'parsePop3Size',
    'parsePop3Stat',
    'parsePop3UniqueId',
    'pop3Timestamp',
  ]);
});
