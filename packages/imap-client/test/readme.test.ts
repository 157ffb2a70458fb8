import { readFileSync } from 'node:fs';
import { playServer } from '@posthorn/testkit';
import { memoryPair } from '@posthorn/transport';
import { afterEach, expect, test, vi } from 'vitest';
import { changesOf } from '../examples/changes-since.ts';
import { markRead } from '../examples/mark-read.ts';
import { readInbox } from '../examples/read-inbox.ts';
import { watchInbox } from '../examples/watch-inbox.ts';
import { CAPABILITIES, LOGOUT, selected } from './support.ts';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

afterEach(() => {
  vi.restoreAllMocks();
});

test('the README shows the examples as they are', () => {
  for (const name of ['read-inbox', 'watch-inbox', 'changes-since', 'mark-read'])
    expect(read('../README.md')).toContain(`\`\`\`ts\n${read(`../examples/${name}.ts`)}\`\`\``);
});

const ENVELOPE = '(NIL "Hello" NIL NIL NIL NIL NIL NIL NIL NIL)';

test('reading an INBOX', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const [transport, theirs] = memoryPair();
  const server = playServer(
    theirs,
    `S: * PREAUTH [CAPABILITY ${CAPABILITIES}] hi${selected(2)}
    C: {u} UID FETCH 1:* UID
    S: * 1 FETCH (UID 1)
    S: * 2 FETCH (UID 2)
    S: {u} OK done
    C: {f} UID FETCH 1:2 (UID FLAGS ENVELOPE BODY.PEEK[])
    S: * 1 FETCH (UID 1 FLAGS (\\Seen) ENVELOPE ${ENVELOPE} BODY[] "old")
    S: * 2 FETCH (UID 2 FLAGS () ENVELOPE ${ENVELOPE} BODY[] "new!")
    S: {f} OK done
    C: {s} UID STORE 2 +FLAGS.SILENT (\\Seen)
    S: {s} OK done${LOGOUT}`,
  );
  await readInbox({ transport });
  expect(log.mock.calls).toEqual([[2, 'Hello', 4]]);
  expect((await server).outcome).toBe('done');
});

test('watching an INBOX', async () => {
  const abort = new AbortController();
  const log = vi.spyOn(console, 'log').mockImplementation(() => abort.abort());
  const [transport, theirs] = memoryPair();
  const server = playServer(
    theirs,
    `S: * PREAUTH [CAPABILITY ${CAPABILITIES}] hi${selected(1, 'INBOX', 'EXAMINE')}
    C: {i} IDLE
    S: + idling
    S: * 2 EXISTS
    C: DONE
    S: {i} OK done
    C: {f} UID FETCH 1000:* (UID ENVELOPE)
    S: * 2 FETCH (UID 1000 ENVELOPE ${ENVELOPE})
    S: {f} OK done${LOGOUT}`,
  );
  await watchInbox({ transport }, abort.signal);
  expect(log.mock.calls).toEqual([[1000, 'Hello']]);
  expect((await server).outcome).toBe('done');
});

test('going on where the last time ended', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const [transport, theirs] = memoryPair();
  const server = playServer(
    theirs,
    `S: * PREAUTH [CAPABILITY ${CAPABILITIES}] hi${selected(2, 'INBOX', 'EXAMINE')}
    C: {f} UID FETCH 1:* (UID FLAGS)
    S: * 1 FETCH (UID 2 FLAGS (\\Seen))
    S: * 2 FETCH (UID 3 FLAGS ())
    S: {f} OK done${LOGOUT}`,
  );
  const since = JSON.stringify({ version: 1, uidValidity: 42, uids: '1:2', flags: [['', '1:2']] });
  const next = await changesOf({ transport }, since);
  expect(log.mock.calls).toEqual([['changed', 2, '\\Seen'], ['new', 3, ''], ['vanished']]);
  expect(JSON.parse(next ?? '')).toMatchObject({ uids: '2:3' });
  expect((await server).outcome).toBe('done');
});

test('marking mail as read', async () => {
  const [transport, theirs] = memoryPair();
  const server = playServer(
    theirs,
    `S: * PREAUTH [CAPABILITY ${CAPABILITIES} ESEARCH] hi${selected(9)}
    C: {s} UID SEARCH RETURN (ALL) UNSEEN FROM fred@example.com
    S: * ESEARCH (TAG "{s}") UID ALL 4:5
    S: {s} OK done
    C: {f} UID STORE 4:5 +FLAGS (\\Seen)
    S: * 2 FETCH (UID 4 FLAGS (\\Seen))
    S: * 3 FETCH (UID 5 FLAGS (\\Seen))
    S: {f} OK done${LOGOUT}`,
  );
  expect(await markRead({ transport }, 'fred@example.com')).toBe(2);
  expect((await server).outcome).toBe('done');
});
