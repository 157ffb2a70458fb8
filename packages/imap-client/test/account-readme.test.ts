import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { followInbox } from '../examples/follow-inbox.ts';
import { ModelServer } from './account-server.ts';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

test('the README shows the example as it is', () => {
  expect(read('../README.md')).toContain(`\`\`\`ts\n${read('../examples/follow-inbox.ts')}\`\`\``);
});

test('following an INBOX, and going on the next time', async () => {
  const server = new ModelServer();
  server.append(['\\Seen']);
  const options = {
    transport: server.connect,
    auth: () => ({ user: 'alice', password: 'secret' }),
    allowInsecureAuth: true,
  };
  const abort = new AbortController();
  const log = vi.spyOn(console, 'log').mockImplementation((uid) => {
    if (uid === 1) server.append([]);
    else abort.abort();
  });
  const cursor = await followInbox(options, undefined, abort.signal);
  expect(log.mock.calls).toEqual([
    [1, 'is new', '\\Seen'],
    [2, 'is new', ''],
  ]);
  log.mockClear();
  server.setFlags(1, []);
  const again = new AbortController();
  log.mockImplementation(() => again.abort());
  await followInbox(options, cursor, again.signal);
  expect(log.mock.calls[0]).toEqual([1, 'changed', '']);
  log.mockRestore();
});
