import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MailStore, parseStoreUrl, StoreError, StoreRegistry } from '../src/index.ts';

const url = (scheme: string, location: string, options: Readonly<Record<string, string>> = {}) => ({
  scheme,
  location,
  options: new Map(Object.entries(options)),
});

describe('parseStoreUrl', () => {
  it.each([
    ['memory:', url('memory', '')],
    ['MailDir:Mail of ours/100%', url('maildir', 'Mail of ours/100%')],
    ['maildir:///var/mail/a%20b?layout=fs', url('maildir', '///var/mail/a b', { layout: 'fs' })],
    ['x-y+z.1://host/a:b?q=a%3Db%26c&p=?=', url('x-y+z.1', '//host/a:b', { q: 'a=b&c', p: '?=' })],
    ['maildir:a%20b?x=', url('maildir', 'a%20b', { x: '' })],
  ])('reads %s', (text, expected) => {
    expect(parseStoreUrl(text)).toEqual(expected);
  });

  it.each([
    '',
    'maildir',
    '/var/mail',
    '1x:y',
    ':x',
    'm:x?',
    'm:x?layout',
    'm:x?=1',
    'm:x?a=1&a=2',
    'm://%x',
    'm:x?a=%',
  ])('refuses %j', (text) => {
    expect(() => parseStoreUrl(text)).toThrow(StoreError);
  });

  it('gives back what was put in, and repeats no password', () => {
    const word = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(
        word,
        fc.dictionary(
          word.filter((name) => name !== ''),
          word,
        ),
        (location, options) => {
          const query = Object.entries(options).map((pair) => pair.map(encodeURIComponent).join('='));
          const text = `m:///${encodeURIComponent(location)}${query.length > 0 ? `?${query.join('&')}` : ''}`;
          expect(parseStoreUrl(text)).toEqual(url('m', `///${location}`, options));
        },
      ),
    );
    expect(() => parseStoreUrl('redis://me:hunter2@%/')).not.toThrow(/hunter2/);
  });
});

describe('StoreRegistry', () => {
  const store = { traits: {} } as unknown as MailStore;

  it('opens a store by the scheme of its URL', async () => {
    const asked: unknown[] = [];
    const registry = new StoreRegistry()
      .register('Mine', (given, opening) => {
        asked.push(given, opening);
        return store;
      })
      .register('lazy', async () => store);
    expect(registry.schemes).toEqual(['mine', 'lazy']);
    expect([registry.has('MINE'), registry.has('other')]).toEqual([true, false]);
    expect(await registry.open('mine:here?a=b', { accounts: 'per-user' })).toBe(store);
    expect(await registry.open(url('lazy', ''))).toBe(store);
    expect(asked).toEqual([url('mine', 'here', { a: 'b' }), { accounts: 'per-user' }]);
  });

  it('says which stores there are', async () => {
    const registry = new StoreRegistry().register('mine', () => store);
    await expect(registry.open('other://me:hunter2@host')).rejects.toThrow(/"other" is known; there are mine$/);
    await expect(registry.open('other:x')).rejects.toMatchObject({ code: 'STORE_CANNOT' });
  });

  it('takes each scheme once', () => {
    const registry = new StoreRegistry().register('mine', () => store);
    expect(() => registry.register('MINE', () => store)).toThrow(TypeError);
    expect(() => registry.register('no scheme', () => store)).toThrow(TypeError);
  });
});
