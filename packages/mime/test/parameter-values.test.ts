import type { BodyParameters } from '@posthorn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeParameters, scanMessage } from '../src/index.ts';
import { octets } from './text.ts';

/** What comes of a Content-Type, scanned first. */
function scanned(parameters: string): Record<string, string> {
  const { bodyStructure } = scanMessage(octets(`Content-Type: application/x-stuff; ${parameters}\r\n\r\n`));
  return plain(bodyStructure.parameters!);
}

function plain(parameters: BodyParameters): Record<string, string> {
  const entries = [...decodeParameters(parameters)];
  return Object.fromEntries(
    entries.map(([name, { text, language }]) => [name, language === null ? text : `${text} (${language})`]),
  );
}

describe('decodeParameters of scanned fields', () => {
  /** The first three are the examples of RFC 2231 sections 3, 4 and 4.1. */
  it.each([
    [
      'access-type=URL; URL*0="ftp://"; URL*1="cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar"',
      { 'access-type': 'URL', url: 'ftp://cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar' },
    ],
    ["title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A", { title: 'This is ***fun*** (en-us)' }],
    [
      "title*0*=us-ascii'en'This%20is%20even%20more%20; title*1*=%2A%2A%2Afun%2A%2A%2A%20; title*2=\"isn't it!\"",
      { title: "This is even more ***fun*** isn't it! (en)" },
    ],
    ["name*=utf-8''%C3%A9.txt", { name: 'é.txt' }],
    ["name*=iso-8859-1''%E9.txt; name=e.txt", { name: 'é.txt' }],
    ["name=e.txt; name*=iso-8859-1''%E9.txt", { name: 'é.txt' }],
    ["name*0*=utf-8''%C3; name*1*=%A9", { name: 'é' }],
    ["name*1*=%A9; name*0*=utf-8''%C3", { name: 'é' }],
    ['name*0=a; name*2=c', { name: 'a' }],
    ['name*1=b', {}],
    ['name*0=a%20; name*1=b', { name: 'a%20b' }],
    ["name*0*=utf-8''a; name*1=100%25", { name: 'a100%25' }],
    ['name*=%41b', { name: 'Ab' }],
    ["name*=''%C3%A9", { name: 'é' }],
    ["name*=x-none''%C3%A9", { name: 'é' }],
    ["name*=utf-8''%", { name: '%' }],
    ['name="=?utf-8?Q?=C3=A9?=.txt"', { name: 'é.txt' }],
    ['name==?utf-8?Q?=C3=A9?=', { name: 'é' }],
    ['name="\xc3\xa9.txt"', { name: 'é.txt' }],
    ['name="\xe9.txt"', { name: 'é.txt' }],
    ['NAME=a; name=b', { name: 'a' }],
    ["name=it's", { name: "it's" }],
  ])('%s', (parameters, values) => {
    expect(scanned(parameters)).toEqual(values);
  });
});

describe('decodeParameters of what servers send', () => {
  it('joins sections that the server left apart', () => {
    const parameters: BodyParameters = [
      ['FILENAME*1*', '%BC.txt'],
      ['FILENAME*0*', "utf-8'de'gr%C3"],
      ['FILENAME*3', 'lost'],
    ];
    expect(plain(parameters)).toEqual({ filename: 'grü.txt (de)' });
  });

  it('never throws', () => {
    const name = fc.constantFrom('a', 'A*', 'a*0', 'a*0*', 'a*1*', '*', '**', 'a*x', 'a*99999999', '', '__proto__');
    const value = fc.constantFrom('', "'", "''", "utf-8''%C3", '%', '=?utf-8?Q?a?=', 'é');
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value)), (parameters) => {
        for (const [key, { text }] of decodeParameters(parameters)) expect(key + text).toEqual(expect.any(String));
      }),
    );
  });
});
