import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Account, accountId, type MailboxPath, StoreError } from '@posthorn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeAccountName } from '../src/format/account-name.ts';
import { deliver, type MaildirOptions } from '../src/index.ts';
import { layoutOf } from '../src/layout/layout.ts';
import { EVERY, mail, openAccount, readText, rows, scratchDirectory } from './support.ts';

/** Parts of names that lead elsewhere, or mean something to a Maildir, a shell or a file system. */
const NASTY = [
  ...[
    '',
    '.',
    '..',
    '...',
    '../..',
    '/',
    '/etc',
    'a/b',
    'a\\b',
    'a.b',
    '.a',
    'a.',
    '~',
    '~root',
    'a\0b',
    '\0',
    'nul\n',
  ],
  ...['cur', 'new', 'tmp', '.cur', 'maildirfolder', 'dovecot-uidlist', 'dovecot-uidlist.lock', 'posthorn-journal'],
  ...[
    'posthorn-index',
    'subscriptions',
    'maildirsize',
    '..posthorn-x',
    'INBOX',
    'inbox',
    'CON',
    'a:2,S',
    '%2e%2e',
    '&',
  ],
  ...[
    '&AC8-',
    '&AC4ALg-',
    '\u2024\u2024',
    '\uff0e\uff0e',
    '\u202e',
    'ä',
    'a\u0308',
    'x'.repeat(300),
    'ü'.repeat(130),
    '\ud800',
  ],
];
const part = fc.oneof(
  fc.constantFrom(...NASTY),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ maxLength: 5 }),
);
const path = fc.array(part, { minLength: 1, maxLength: 4 }) as unknown as fc.Arbitrary<MailboxPath>;

const LAYOUTS: readonly (readonly [string, MaildirOptions])[] = (['maildir++', 'fs'] as const).flatMap((layout) =>
  (['utf-7', 'utf-8'] as const).map(
    (nameEncoding) => [`${layout}, ${nameEncoding}`, { layout, nameEncoding, index: false }] as const,
  ),
);

/** All below a directory, links as links. */
function picture(directory: string, skip = ''): readonly string[] {
  const found: string[] = [];
  const visit = (at: string): void => {
    for (const name of readdirSync(at).sort()) {
      const entry = join(at, name);
      if (entry === skip) continue;
      const stat = lstatSync(entry);
      if (stat.isSymbolicLink()) found.push(`${entry} -> ${readlinkSync(entry)}`);
      else if (stat.isDirectory()) visit(entry);
      else found.push(`${entry} ${readFileSync(entry, 'latin1')}`);
      if (stat.isDirectory()) found.push(entry);
    }
  };
  visit(directory);
  return found;
}

/** Does everything one can do with a name. What is refused is refused with an error of the store. */
async function useName(account: Account, root: string, name: MailboxPath, options: MaildirOptions): Promise<void> {
  const works = [
    () => account.create(name),
    () => account.status(name),
    () => deliver(root, [mail('delivered')], { ...(options as object), path: name, create: true, fsync: false }),
    () => account.subscribe(name, true),
    () => account.transfer(['INBOX'], EVERY, name, 'copy'),
    () => account.rename(['Renamed'], name),
    () => account.rename(name, ['Renamed']),
    () => account.delete(name),
    () => account.filters!.put(name.join('/'), mail('script')),
    () => account.filters!.activate(name.join('/')),
    () => account.filters!.rename(name.join('/'), 'renamed'),
    () => account.filters!.rename('renamed', name.join('/')),
    () => account.filters!.activate(undefined),
    () => account.filters!.delete(name.join('/')),
    () => account.metadata!.change(['INBOX'], new Map([[`/private/${name.join('/')}`, 'note']])),
  ];
  for (const work of works) {
    try {
      await work();
    } catch (error) {
      expect(error, `${JSON.stringify(name)}: ${String(error)}`).toBeInstanceOf(StoreError);
    }
  }
}

describe.each(LAYOUTS)('names of mailboxes (%s)', (_, options) => {
  const layout = layoutOf(options.layout!, options.nameEncoding!);

  it('never reach outside the root, nor what is no mailbox', { timeout: 120_000 }, async () => {
    const outside = scratchDirectory();
    const root = join(outside, 'home', 'Maildir');
    writeFileSync(join(outside, 'secret'), 'secret');
    mkdirSync(join(outside, 'etc', 'cur'), { recursive: true });
    mkdirSync(join(outside, 'home', 'b', 'cur'), { recursive: true });
    const account = await openAccount(root, options);
    const inbox = await account.mailbox(['INBOX']);
    await inbox.append([{ body: [mail('kept')] }]);
    const before = picture(outside, root);
    for (const one of NASTY)
      for (const name of [[one], ['A', one]]) await useName(account, root, name as unknown as MailboxPath, options);
    await fc.assert(
      fc.asyncProperty(path, (name) => useName(account, root, name, options)),
      { numRuns: 40 },
    );
    expect(picture(outside, root)).toEqual(before);
    expect(picture(root).filter((line) => / -> .*(?:^|[/])\.\.(?:[/]|$)|-> [/]/.test(line))).toEqual([]);
    expect((await rows(inbox)).length).toBeGreaterThan(0);
    expect(await readText(inbox, 1)).toContain('kept');
  });

  it('come back from their directories as they were, each from its own', () => {
    fc.assert(
      fc.property(path, path, (one, other) => {
        const [directory, second] = [layout.tryDirectoryOf(one), layout.tryDirectoryOf(other)];
        if (directory === undefined || directory === '') return;
        expect(directory.split('/').filter((each) => each === '' || each === '.' || each === '..')).toEqual([]);
        expect(directory).not.toMatch(/^\/|\0/);
        for (const each of directory.split('/')) expect(Buffer.byteLength(each)).toBeLessThanOrEqual(255);
        if (directory === second) expect(canonical(one)).toEqual(canonical(other));
      }),
      { numRuns: 2_000 },
    );
  });

  it('that a mailbox was made with are listed as they were given', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(path, async (name) => {
        const account = await openAccount(scratchDirectory(), options);
        const made = await account.create(name).catch(() => undefined);
        if (made === undefined) return;
        const listed = (await account.list()).filter(({ isSelectable }) => isSelectable).map((each) => each.path);
        expect(listed).toEqual([['INBOX'], canonical(name)]);
      }),
      { numRuns: 40 },
    );
  });
});

it('gives accounts of any names directories of their own below the root', () => {
  fc.assert(
    fc.property(part, part, (one, other) => {
      const names = [one, other].map((each) => {
        try {
          return encodeAccountName(accountId(each));
        } catch {
          return undefined;
        }
      });
      for (const name of names)
        if (name !== undefined) expect(name).toMatch(/^(?:[a-z0-9_+@=A-F-][a-z0-9_+@=A-F.-]*)?$/);
      const same = Buffer.from(one).equals(Buffer.from(other));
      if (names[0] !== undefined && names[1] !== undefined && !same)
        expect(names[0].toLowerCase()).not.toBe(names[1].toLowerCase());
    }),
    { numRuns: 2_000 },
  );
});

describe('a link below the root', () => {
  const PLACES = [
    ...['cur', 'new', 'tmp', 'dovecot-uidlist', 'dovecot-uidlist.lock', 'dovecot-keywords', 'dovecot-keywords.lock'],
    ...[
      'dovecot-uidlist.tmp',
      'dovecot-keywords.tmp',
      'posthorn-journal',
      'posthorn-tree-journal',
      'posthorn-tree.lock',
    ],
    ...['subscriptions', 'subscriptions.tmp', 'maildirsize', 'dovecot-uidvalidity', '.Link', '.Made', '.Made/cur'],
  ];

  it.each(PLACES)(
    'in the place of %s is not written through, and tells nothing',
    { timeout: 60_000 },
    async (place) => {
      for (const target of ['directory', 'file', 'missing']) {
        const outside = scratchDirectory();
        const root = join(outside, 'Maildir');
        for (const name of ['cur', 'new', 'tmp', '.Made/new', '.Made/tmp'])
          mkdirSync(join(root, name), { recursive: true });
        mkdirSync(join(outside, 'directory', 'cur'), { recursive: true });
        writeFileSync(join(outside, 'directory', 'cur', '1.M1.secret:2,'), 'secret-mail');
        writeFileSync(join(outside, 'file'), 'root:secret-text:0:0\n');
        const entry = join(root, place);
        rmSync(entry, { recursive: true, force: true });
        symlinkSync(join(outside, target), entry);
        const before = picture(outside, root);
        const told: unknown[] = [];
        const logged = (...words: unknown[]): void => void told.push(words);
        const logger = { debug: logged, info: logged, warn: logged, error: logged };
        const note = (error: unknown): void => void told.push(String(error), (error as Error).stack);
        try {
          const account = await openAccount(root, {
            lockTimeoutMs: 50,
            quota: { messages: 100 },
            index: false,
            logger,
          });
          const works = [
            async () => (await account.mailbox(['INBOX'])).append([{ body: [mail('a')], flags: ['Fresh'] }]),
            async () => (await account.mailbox(['INBOX'])).store(EVERY, 'add', ['\\Seen', 'Later']),
            () => account.create(['Link']),
            () => account.transfer(['INBOX'], EVERY, ['Made'], 'copy'),
            () => account.subscribe(['Made'], true),
            () => account.rename(['Made'], ['Renamed']),
            () => account.delete(['Renamed']),
            async () => told.push(JSON.stringify(await account.list())),
            async () => told.push(JSON.stringify(await rows(await account.mailbox(['INBOX'])))),
          ];
          for (const work of works) await work().catch(note);
          await account.close();
        } catch (error) {
          note(error);
        }
        expect(picture(outside, root), `a link to ${target}`).toEqual(before);
        expect(JSON.stringify(told), `a link to ${target}`).not.toContain('secret-');
      }
    },
  );
});

/** INBOX in any case is one name. */
function canonical(name: readonly string[]): readonly string[] {
  return /^inbox$/i.test(name[0] ?? '') ? ['INBOX', ...name.slice(1)] : name;
}
