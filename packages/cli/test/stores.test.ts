import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountId, parseStoreUrl } from '@posthorn/core';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { parseEndpoint, type StoreEndpoint } from '../src/endpoint/endpoint-url.ts';
import { openStore } from '../src/endpoint/open-store.ts';
import { openSyncState } from '../src/endpoint/sync-state.ts';
import { UsageError } from '../src/failure.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

async function scratchFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'posthorn-stores-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

it('a Maildir is of the kind its URL says', async () => {
  const folder = await scratchFolder();
  const endpoint = parseEndpoint(`maildir:${folder}?layout=fs&index=no`) as StoreEndpoint;
  const store = await openStore(endpoint, 'per-user');
  const account = await store.open(accountId('alice'));
  await account.create(['A', 'B']);
  expect(await readdir(join(folder, 'alice', 'A'))).toEqual(['B']);
  await store.close();
  const wrong = parseEndpoint(`maildir:${folder}?colour=red`) as StoreEndpoint;
  await expect(openStore(wrong)).rejects.toThrow(UsageError);
});

it("a store of somebody else's package is found beside the working directory", async () => {
  const folder = await scratchFolder();
  expect(() => parseEndpoint('demo:here?size=3')).toThrow(UsageError);
  const place = join(folder, 'node_modules', 'posthorn-store-demo');
  await mkdir(place, { recursive: true });
  await writeFile(
    join(place, 'package.json'),
    '{ "name": "posthorn-store-demo", "type": "module", "main": "main.js" }',
  );
  await writeFile(join(place, 'main.js'), 'export default (url, opening) => ({ url, opening });\n');
  vi.spyOn(process, 'cwd').mockReturnValue(folder);
  const endpoint = parseEndpoint('demo:here?size=3') as StoreEndpoint;
  expect(endpoint).toEqual({ type: 'store', scheme: 'demo', location: 'here', options: { size: '3' } });
  for (let round = 0; round < 2; round++) {
    expect(await openStore(endpoint, 'per-user')).toMatchObject({
      url: { scheme: 'demo', location: 'here', options: new Map([['size', '3']]) },
      opening: { accounts: 'per-user' },
    });
  }
});

it('what a sync did with such a store is remembered for the user, and for each store', async () => {
  const folder = await scratchFolder();
  vi.stubEnv('XDG_STATE_HOME', folder);
  const { signal } = new AbortController();
  const urls = ['here?size=3', 'here?size=4', '//server/here'];
  const endpoints = [...urls, urls[0]!].map((url) => ({ ...parseStoreUrl(`demo:${url}`), type: 'store' as const }));
  for (const { options, ...endpoint } of endpoints) {
    const state = await openSyncState({ ...endpoint, options: Object.fromEntries(options) }, 'imap user@host', signal);
    await state.close();
  }
  const places = await readdir(join(folder, 'posthorn', 'sync'));
  expect(places).toEqual(urls.map(() => expect.stringMatching(/^demo-[0-9a-f]{32}$/)));
  expect(await readdir(join(folder, 'posthorn', 'sync', places[0]!))).toContain('imap%20user%40host.jsonl');
});

it('a package that is no store is told from one', async () => {
  const folder = await scratchFolder();
  const place = join(folder, 'node_modules', 'posthorn-store-empty');
  await mkdir(place, { recursive: true });
  await writeFile(
    join(place, 'package.json'),
    '{ "name": "posthorn-store-empty", "type": "module", "main": "main.js" }',
  );
  await writeFile(join(place, 'main.js'), 'export const other = 1;\n');
  vi.spyOn(process, 'cwd').mockReturnValue(folder);
  await expect(openStore(parseEndpoint('empty:') as StoreEndpoint)).rejects.toThrow(/exports no StoreFactory/);
});
