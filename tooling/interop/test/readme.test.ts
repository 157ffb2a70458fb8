import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type OwnServer, startOwnServer } from '../src/index.ts';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
let own: OwnServer;

// The README talks to a server of its reader; here it is one of ours.
vi.mock('@posthorn/imap-client', async (original) => {
  const { connect } = await original<typeof import('@posthorn/imap-client')>();
  const mine = () =>
    connect({
      host: '127.0.0.1',
      port: own.server.port,
      security: 'none',
      allowInsecureAuth: true,
      auth: { user: own.user, password: own.password },
    });
  return { connect: mine };
});

beforeAll(async () => {
  own = await startOwnServer({ messages: 40 });
});
afterAll(() => own.stop());

it('the example of the front page runs as it stands there', async () => {
  const example = read('../examples/list-messages.ts');
  expect(read('../../../README.md')).toContain(`\`\`\`ts\n${example}\`\`\``);
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await import('../examples/list-messages.ts');
  const { messages } = await own.account.status(['INBOX']);
  expect(log).toHaveBeenCalledTimes(messages);
  expect(log.mock.calls[0]).toEqual([1, expect.any(String), expect.any(Array)]);
});
