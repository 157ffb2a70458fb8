import { AuthenticationError, utf8Bytes } from '@posthorn/core';
import { expect, it } from 'vitest';
import { anonymous, external } from '../src/index.ts';

it('EXTERNAL sends the identity to act as, or nothing (RFC 4422 appendix A)', () => {
  expect(external().initialResponse).toEqual(new Uint8Array());
  expect(external({ authorizeAs: 'fred@example.com' }).initialResponse).toEqual(utf8Bytes('fred@example.com'));
  expect(() => external({ authorizeAs: 'a\0b' })).toThrow(TypeError);
  expect(() => external().respond(new Uint8Array())).toThrow(AuthenticationError);
  external().finished();
});

it('ANONYMOUS sends a trace (RFC 4505)', () => {
  expect(anonymous({ trace: 'sirhc' }).initialResponse).toEqual(utf8Bytes('sirhc'));
  expect(anonymous().initialResponse).toEqual(utf8Bytes('anonymous'));
  expect(() => anonymous({ trace: 'x'.repeat(256) })).toThrow(TypeError);
  expect(() => anonymous({ trace: '' })).toThrow(TypeError);
  expect(() => anonymous().respond(new Uint8Array())).toThrow(AuthenticationError);
});
