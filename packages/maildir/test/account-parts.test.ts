import { appendFileSync, lstatSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAcl, withEntry } from '../src/format/acl-text.ts';
import { scriptFile, scriptName } from '../src/format/script-name.ts';
import { maildir } from './fixture.ts';
import { bytesOf, names, openAccount, scratchDirectory } from './support.ts';

describe('annotations', () => {
  it('lie beside the messages they are about', async () => {
    const root = scratchDirectory();
    const account = await openAccount(root);
    await account.create(['A']);
    await account.metadata!.change(['A'], new Map([['/private/comment', 'ä\n"']]));
    await account.metadata!.change(undefined, new Map([['/shared/admin', 'me']]));
    expect(readFileSync(join(root, '.A/posthorn-metadata'), 'utf8')).toBe('["/private/comment","ä\\n\\""]\n');
    await account.metadata!.change(['A'], new Map([['/private/comment', null]]));
    expect(names(join(root, '.A'))).not.toContain('posthorn-metadata');
    expect(names(root)).toContain('posthorn-account-metadata');
  });

  it('that make no sense, or are too many, are refused and left alone', async () => {
    const root = maildir({ 'posthorn-metadata': '{}\n' });
    const account = await openAccount(root);
    const { metadata } = account;
    await expect(metadata!.entries(['INBOX'])).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    await expect(metadata!.change(['INBOX'], new Map([['/private/a', 'b']]))).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
    });
    const much = new Map([['/private/a', 'b'.repeat(4_194_304)]]);
    await expect(metadata!.change(undefined, much)).rejects.toMatchObject({ code: 'STORE_LIMIT' });
    expect((await metadata!.entries(undefined)).size).toBe(0);
  });
});

describe('Sieve scripts', () => {
  it('are files, with a link to the active one', async () => {
    const root = scratchDirectory();
    const { filters } = await openAccount(root);
    await filters!.put('one', bytesOf('keep;'));
    await filters!.activate('one');
    expect(readFileSync(join(root, 'sieve/one.sieve'), 'utf8')).toBe('keep;');
    expect(readlinkSync(join(root, '.dovecot.sieve'))).toBe('sieve/one.sieve');
    await filters!.rename('one', 'two/2');
    expect(readlinkSync(join(root, '.dovecot.sieve'))).toBe('sieve/two%2F2.sieve');
    expect(names(join(root, 'sieve'))).toEqual(['two%2F2.sieve']);
    await filters!.activate(undefined);
    expect(names(root)).not.toContain('.dovecot.sieve');
  });

  it('that others wrote are found, and never lost', async () => {
    const root = maildir({ '.dovecot.sieve': 'discard;', 'sieve/50%.sieve': 'keep;', 'sieve/notes.txt': '' });
    symlinkSync('/etc/passwd', join(root, 'sieve/link.sieve'));
    const { filters } = await openAccount(root);
    expect(await filters!.list()).toEqual([{ name: '50%', isActive: false }]);
    await filters!.put('50%', bytesOf('stop;'));
    await filters!.activate('50%');
    expect(await filters!.list()).toEqual([
      { name: '50%', isActive: true },
      { name: 'dovecot.orig', isActive: false },
    ]);
    expect(Buffer.from(await filters!.read('dovecot.orig')).toString()).toBe('discard;');
    expect(names(join(root, 'sieve'))).toEqual(['50%.sieve', 'dovecot.orig.sieve', 'link.sieve', 'notes.txt']);
    expect(lstatSync(join(root, '.dovecot.sieve')).isSymbolicLink()).toBe(true);
  });

  it.each([
    ['relative', () => './sieve/one.sieve', true],
    ['absolute', (root: string) => join(root, 'sieve/one.sieve'), true],
    ['to another directory', () => 'sieve/old/one.sieve', false],
    ['to nowhere', () => '../sieve/one.sieve', false],
  ])('are active by a link as Pigeonhole reads it: %s', async (_, target, isActive) => {
    const root = maildir({ 'sieve/one.sieve': 'keep;', 'sieve/old/one.sieve': 'keep;' });
    symlinkSync(target(root), join(root, '.dovecot.sieve'));
    const { filters } = await openAccount(root);
    expect(await filters!.list()).toEqual([{ name: 'one', isActive }]);
  });

  it('have the names that Pigeonhole sees', () => {
    expect(['100 %', 'a%b', 'ä'].map(scriptFile)).toEqual(['100 %.sieve', 'a%b.sieve', 'ä.sieve']);
    expect(scriptFile('a%2Fb')).toBe('a%252Fb.sieve');
  });

  it('are no mailboxes in the layout fs', async () => {
    const root = scratchDirectory();
    const account = await openAccount(root, { layout: 'fs' });
    await account.filters!.put('one', bytesOf('keep;'));
    await account.filters!.activate('one');
    expect((await account.list()).map(({ path }) => path)).toEqual([['INBOX']]);
  });

  it('have names that come back, and lead nowhere', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }), (name) => {
        let file: string;
        try {
          file = scriptFile(name);
        } catch (error) {
          expect(error).toMatchObject({ code: 'STORE_CANNOT' });
          return;
        }
        expect(scriptName(file)).toBe(name);
        expect(file).not.toMatch(/^\.|[/\0\\]/);
      }),
    );
    for (const name of ['', '\ud800', 'x'.repeat(250)])
      expect(() => scriptFile(name)).toThrow(expect.objectContaining({ code: 'STORE_CANNOT' }));
  });
});

describe('dovecot-acl', () => {
  it('names users, groups and words', () => {
    const text = [
      'user=bob lrs',
      '-user=bob s',
      'group=staff lr:expunge  create',
      'group-override=x l',
      '"user=a b\\"c" l',
      'anyone :lookup read',
      'authenticated lx',
      'owner lrwstipekxa',
      '# a comment',
      'nonsense l',
      '',
    ].join('\n');
    expect(parseAcl(text).map(({ identifier, rights }) => `${identifier} ${rights}`)).toEqual([
      'bob lrs',
      '-bob s',
      '$staff lrke',
      '!$x l',
      'a b"c l',
      'anyone lr',
      'authenticated lx',
      'owner lrswipkxtea',
    ]);
    const changed = withEntry(withEntry(text, '$staff', 'l'), 'bob', undefined);
    expect(changed).toBe(
      `${text.replace('user=bob lrs\n', '').replace('group=staff lr:expunge  create\n', '')}group=staff l\n`,
    );
    expect(withEntry('', 'a b"c', 'l')).toBe('"user=a b\\"c" l\n');
  });

  it('leaves everything to the owner', async () => {
    const root = scratchDirectory();
    const { acl } = await openAccount(root, { acl: true });
    await acl!.change(['INBOX'], 'bob', 'srl');
    appendFileSync(join(root, 'dovecot-acl'), 'owner l\n# kept\n');
    expect(await acl!.entries(['INBOX'])).toEqual([
      { identifier: 'alice', rights: 'lrswipkxtea' },
      { identifier: 'bob', rights: 'lrs' },
    ]);
    for (const who of ['alice', '-alice', 'owner', '', '-', 'a\nb'])
      await expect(acl!.change(['INBOX'], who, 'l')).rejects.toMatchObject({ code: 'STORE_CANNOT' });
    expect(await acl!.grantable(['INBOX'], 'alice')).toEqual({ required: 'lrswipkxtea', optional: [] });
    await acl!.change(['INBOX'], 'bob', undefined);
    expect(readFileSync(join(root, 'dovecot-acl'), 'utf8')).toBe('owner l\n# kept\n');
    writeFileSync(join(root, 'dovecot-acl'), '');
    await acl!.change(['INBOX'], 'bob', '');
    await acl!.change(['INBOX'], 'bob', undefined);
    expect(names(root)).not.toContain('dovecot-acl');
  });
});
