import { type ModSeq, sessionId, type Uid, uid } from '@posthorn/core';
import { rangeSet, setOf } from '@posthorn/message-set';
import { describe, expect, test } from 'vitest';
import { deliver, loggedIn, message, type RawClient, type TestServer, testServer, UID_VALIDITY } from './harness.ts';

const EVERY = rangeSet(uid(1), uid(4_294_967_295));

/** A server whose INBOX holds messages 1 to 5; the mailbox stands at mod-sequence 2. */
async function fiveMessages(options: Parameters<typeof testServer>[0] = {}): Promise<TestServer> {
  const server = testServer(options);
  await deliver(
    await server.account(),
    ['INBOX'],
    ...['one', 'two', 'three', 'four', 'five'].map((word) => message(word)),
  );
  // Somebody saw them before.
  await (await inbox(server)).claimRecent(sessionId('before'));
  return server;
}

async function opened(server: TestServer, ...before: readonly string[]): Promise<RawClient> {
  const client = await loggedIn(server);
  for (const command of before) await client.run(command);
  await client.run('SELECT INBOX');
  return client;
}

/** Changes made behind the clients' backs. */
async function inbox(server: TestServer) {
  const account = await server.account();
  return account.mailbox(['INBOX']);
}

describe('CONDSTORE (RFC 7162 section 3.1)', () => {
  test('SELECT tells HIGHESTMODSEQ, with the parameter or without', async () => {
    const client = await loggedIn(await fiveMessages());
    for (const command of ['SELECT INBOX', 'EXAMINE INBOX (CONDSTORE)'])
      expect(await client.run(command)).toContain('* OK [HIGHESTMODSEQ 2] Highest');
    expect(await client.run('SELECT INBOX (WHAT)')).toEqual([expect.stringMatching(/^BAD /)]);
  });

  test('FETCH MODSEQ and CHANGEDSINCE (section 3.1.4)', async () => {
    const server = await fiveMessages();
    const client = await opened(server);
    expect(await client.run('FETCH 1:2 (MODSEQ)')).toEqual([
      '* OK [HIGHESTMODSEQ 2] Highest',
      '* 1 FETCH (MODSEQ (2))',
      '* 2 FETCH (MODSEQ (2))',
      'OK Fetched',
    ]);
    await client.run('STORE 3 +FLAGS.SILENT (\\Flagged)');
    expect(await client.run('UID FETCH 1:* (FLAGS) (CHANGEDSINCE 2)')).toEqual([
      '* 3 FETCH (UID 3 FLAGS (\\Flagged) MODSEQ (3))',
      'OK Fetched',
    ]);
    expect(await client.run('FETCH 1:* (FLAGS) (CHANGEDSINCE 3)')).toEqual(['OK There was nothing to fetch']);
    expect(await client.run('FETCH 1 FLAGS (CHANGEDSINCE 99999999999999999999)')).toEqual([
      expect.stringMatching(/^BAD /),
    ]);
  });

  test.each([
    ['ENABLE CONDSTORE', '* ENABLED CONDSTORE'],
    ['FETCH 5 MODSEQ', '* 5 FETCH (MODSEQ (2))'],
    ['FETCH 5 UID (CHANGEDSINCE 2)', undefined],
    ['SEARCH MODSEQ 3', '* SEARCH'],
    ['STATUS INBOX (HIGHESTMODSEQ)', '* STATUS INBOX (HIGHESTMODSEQ 2)'],
    ['STORE 5 (UNCHANGEDSINCE 1) +FLAGS (\\Seen)', undefined],
  ])('%s makes the client one that is told mod-sequences', async (command, answer) => {
    const server = await fiveMessages();
    const client = await opened(server);
    const answers = await client.run(command);
    expect(answers).toContain('* OK [HIGHESTMODSEQ 2] Highest');
    if (answer !== undefined) expect(answers).toContain(answer);
    expect(await client.run(command)).not.toContain('* OK [HIGHESTMODSEQ 2] Highest');
    await (await inbox(server)).store(setOf([uid(1)]), 'add', ['\\Answered']);
    expect(await client.run('NOOP')).toEqual([
      expect.stringMatching(/^\* 1 FETCH \(UID 1 FLAGS \(.*\) MODSEQ \(3\)\)$/),
      'OK Done',
    ]);
  });

  test('before that, nothing is said of mod-sequences', async () => {
    const server = await fiveMessages();
    const client = await opened(server);
    expect(await client.run('STORE 1 +FLAGS (\\Seen)')).toEqual(['* 1 FETCH (FLAGS (\\Seen))', 'OK Done']);
    await (await inbox(server)).store(setOf([uid(2)]), 'add', ['\\Answered']);
    expect(await client.run('NOOP')).toEqual(['* 2 FETCH (UID 2 FLAGS (\\Answered))', 'OK Done']);
  });

  test('a silent STORE is answered with mod-sequences (examples 3 and 14)', async () => {
    const client = await opened(await fiveMessages(), 'ENABLE CONDSTORE');
    expect(await client.run('UID STORE 4,2 (UNCHANGEDSINCE 2) +FLAGS.SILENT (\\Deleted)')).toEqual([
      '* 2 FETCH (UID 2 MODSEQ (3))',
      '* 4 FETCH (UID 4 MODSEQ (3))',
      'OK Done',
    ]);
    expect(await client.run('STORE 1 +FLAGS.SILENT (\\Deleted)')).toEqual(['* 1 FETCH (UID 1 MODSEQ (4))', 'OK Done']);
    expect(await client.run('STORE 1 +FLAGS (\\Seen)')).toEqual([
      '* 1 FETCH (UID 1 FLAGS (\\Deleted \\Seen) MODSEQ (5))',
      'OK Done',
    ]);
  });

  test('UNCHANGEDSINCE leaves alone what changed, and says so (examples 6 to 11)', async () => {
    const server = await fiveMessages();
    const client = await opened(server, 'ENABLE CONDSTORE');
    await (await inbox(server)).store(setOf([uid(2), uid(4)]), 'add', ['\\Answered']);
    // What the others did is told on the way, as example 10 recommends.
    expect(await client.run('STORE 2:4 (UNCHANGEDSINCE 2) +FLAGS.SILENT ($Processed)')).toEqual([
      '* 3 FETCH (UID 3 MODSEQ (4))',
      expect.stringContaining('$Processed'),
      expect.stringContaining('$Processed'),
      '* 2 FETCH (UID 2 FLAGS (\\Answered) MODSEQ (3))',
      '* 4 FETCH (UID 4 FLAGS (\\Answered) MODSEQ (3))',
      'OK [MODIFIED 2,4] Some messages were changed before',
    ]);
    expect(await client.run('UID STORE 1 (UNCHANGEDSINCE 0) +FLAGS.SILENT ($MDNSent)')).toEqual([
      'OK [MODIFIED 1] Some messages were changed before',
    ]);
    await (await inbox(server)).expunge(setOf([uid(5)]));
    expect(await client.run('STORE 4:5 (UNCHANGEDSINCE 2) +FLAGS.SILENT (\\Seen)')).toEqual([
      'NO [MODIFIED 4] Some of the messages no longer exist',
    ]);
  });

  test('a FETCH that sets \\Seen tells the mod-sequence (section 3.2.4)', async () => {
    const client = await opened(await fiveMessages(), 'ENABLE CONDSTORE');
    expect(await client.run('FETCH 1 BODY[]<0.4>')).toEqual([
      '* 1 FETCH (BODY[]<0> {4}From)',
      '* 1 FETCH (UID 1 FLAGS (\\Seen) MODSEQ (3))',
      'OK Fetched',
    ]);
    expect(await client.run('FETCH 1:2 FLAGS')).toEqual([
      '* 1 FETCH (FLAGS (\\Seen))',
      '* 2 FETCH (FLAGS ())',
      'OK Fetched',
    ]);
  });

  test('SEARCH MODSEQ answers with the highest (sections 3.1.5, 3.1.10, RFC 4731 section 3.2)', async () => {
    const client = await opened(await fiveMessages());
    await client.run('STORE 4 +FLAGS.SILENT (\\Seen)');
    await client.run('STORE 2 +FLAGS.SILENT (\\Seen)');
    const cases = [
      ['SEARCH MODSEQ "/flags/\\\\seen" all 3', '* SEARCH 2 4 (MODSEQ 4)'],
      ['UID SEARCH MODSEQ 2 UNSEEN', '* SEARCH 1 3 5 (MODSEQ 2)'],
      ['SEARCH MODSEQ 5', '* SEARCH'],
      ['SEARCH OR NOT MODSEQ 720162338 LARGER 50000', '* SEARCH 1 2 3 4 5 (MODSEQ 4)'],
      ['SEARCH RETURN (MIN) MODSEQ 3', '* ESEARCH (TAG {tag}) MIN 2 MODSEQ 4'],
      ['SEARCH RETURN (MAX) MODSEQ 3', '* ESEARCH (TAG {tag}) MAX 4 MODSEQ 3'],
      ['SEARCH RETURN (MIN MAX) MODSEQ 3', '* ESEARCH (TAG {tag}) MIN 2 MAX 4 MODSEQ 4'],
      ['SEARCH RETURN (MIN COUNT) MODSEQ 2', '* ESEARCH (TAG {tag}) MIN 1 COUNT 5 MODSEQ 4'],
      ['SEARCH RETURN (ALL) MODSEQ 9', '* ESEARCH (TAG {tag})'],
    ] as const;
    await client.run('ENABLE CONDSTORE');
    for (const [command, answer] of cases) {
      const [told] = await client.run(command);
      expect(told?.replace(/TAG "?\w+"?/, 'TAG {tag}')).toBe(answer);
    }
  });

  test('a mod-sequence that alone changed is told too', async () => {
    const server = await fiveMessages();
    const client = await opened(server, 'ENABLE CONDSTORE');
    const mailbox = await inbox(server);
    await mailbox.store(setOf([uid(2)]), 'add', ['\\Answered']);
    await mailbox.store(setOf([uid(2)]), 'remove', ['\\Answered']);
    expect(await client.run('NOOP')).toEqual(['* 2 FETCH (UID 2 FLAGS () MODSEQ (4))', 'OK Done']);
  });

  test('NOMODSEQ where several processes serve a store that does not keep them (section 3.1.2.2)', async () => {
    const server = await fiveMessages({ isStoreShared: true });
    const client = await loggedIn(server);
    expect(await client.run('ENABLE QRESYNC')).toEqual(['* ENABLED QRESYNC', 'OK Done']);
    expect(await client.run('SELECT INBOX')).toContain('* OK [NOMODSEQ] Mod-sequences do not last');
    for (const command of ['FETCH 1 MODSEQ', 'FETCH 1 UID (CHANGEDSINCE 1)', 'STORE 1 (UNCHANGEDSINCE 9) FLAGS ()'])
      expect(await client.run(command)).toEqual(['BAD The mailbox has no lasting mod-sequences']);
    expect(await client.run('SEARCH MODSEQ 1')).toEqual(['BAD That search key is not offered']);
    expect(await client.run('STATUS INBOX (HIGHESTMODSEQ)')).toEqual(['* STATUS INBOX (HIGHESTMODSEQ 0)', 'OK Done']);
    await (await inbox(server)).expunge(setOf([uid(5)]));
    expect(await client.run('NOOP')).toEqual(['* 5 EXPUNGE', 'OK Done']);
  });

  test('when it is off, nothing of it is known', async () => {
    const client = await loggedIn(await fiveMessages({ capabilities: ['CONDSTORE', 'QRESYNC'] }));
    expect(await client.run('SELECT INBOX (CONDSTORE)')).toEqual(['BAD CONDSTORE is not offered']);
    expect(await client.run('ENABLE CONDSTORE QRESYNC')).toEqual(['* ENABLED', 'OK Done']);
    expect((await client.run('SELECT INBOX')).join()).not.toContain('MODSEQ');
    expect(await client.run('FETCH 1 MODSEQ')).toEqual(['BAD The mailbox has no lasting mod-sequences']);
  });
});

describe('QRESYNC (RFC 7162 section 3.2)', () => {
  test('needs to be enabled first (section 3.2.3)', async () => {
    const client = await opened(await fiveMessages());
    expect(await client.run(`SELECT INBOX (QRESYNC (${UID_VALIDITY} 2))`)).toEqual(['BAD Enable QRESYNC first']);
    for (const command of ['UID FETCH 1:* FLAGS (CHANGEDSINCE 1 VANISHED)', 'UID FETCH 1:* FLAGS (VANISHED)'])
      expect((await client.run(command)).at(-1)).toMatch(/^BAD VANISHED /);
    await client.run('ENABLE QRESYNC CONDSTORE');
    for (const command of ['FETCH 1:* FLAGS (CHANGEDSINCE 1 VANISHED)', 'UID FETCH 1:* FLAGS (VANISHED)'])
      expect(await client.run(command)).toEqual([expect.stringMatching(/^BAD VANISHED /)]);
  });

  test('EXPUNGE, UID EXPUNGE and MOVE are told as VANISHED, with where that leaves the client', async () => {
    const server = await fiveMessages();
    await (await server.account()).create(['Other']);
    const client = await opened(server, 'ENABLE QRESYNC');
    await client.run('STORE 1:3 +FLAGS.SILENT (\\Deleted)');
    expect(await client.run('UID EXPUNGE 2')).toEqual(['* VANISHED 2', 'OK [HIGHESTMODSEQ 4] Expunged']);
    expect(await client.run('EXPUNGE')).toEqual(['* VANISHED 1,3', 'OK [HIGHESTMODSEQ 5] Expunged']);
    expect(await client.run('EXPUNGE')).toEqual(['OK Expunged']);
    expect(await client.run('MOVE 1 Other')).toEqual([
      expect.stringMatching(/^\* OK \[COPYUID \d+ 4 1\] Moved$/),
      '* VANISHED 4',
      'OK [HIGHESTMODSEQ 6] Moved',
    ]);
    await client.run('STORE 1 +FLAGS.SILENT (\\Deleted)');
    expect(await client.run('CLOSE')).toEqual(['OK Closed']);
  });

  test('expunges of others wait while numbers are in use, and the client is told what is safe', async () => {
    const server = await fiveMessages();
    const client = await opened(server, 'ENABLE QRESYNC');
    const mailbox = await inbox(server);
    await mailbox.expunge(setOf([uid(1)]));
    await mailbox.store(setOf([uid(4)]), 'add', ['\\Seen']);
    expect(await client.run('FETCH 2 UID')).toEqual([
      '* 2 FETCH (UID 2)',
      '* 4 FETCH (UID 4 FLAGS (\\Seen) MODSEQ (4))',
      '* OK [HIGHESTMODSEQ 2] Expunges follow',
      'OK Fetched',
    ]);
    expect(await client.run('UID SEARCH 2')).toEqual([
      '* SEARCH 2',
      '* OK [HIGHESTMODSEQ 2] Expunges follow',
      'OK [EXPUNGEISSUED] Searched',
    ]);
    expect(await client.run('UID SEARCH UID 2')).toEqual(['* SEARCH 2', '* VANISHED 1', 'OK Searched']);
  });

  test('UID FETCH VANISHED tells of the asked UIDs alone, before the messages (section 3.2.6)', async () => {
    const server = await fiveMessages();
    const client = await opened(server, 'ENABLE QRESYNC');
    const mailbox = await inbox(server);
    await mailbox.expunge(setOf([uid(1)]));
    const { highestModSeq } = await mailbox.store(setOf([uid(4)]), 'add', ['\\Seen']);
    await mailbox.expunge(setOf([uid(3), uid(5)]));
    await client.run('NOOP');
    expect(await client.run('UID FETCH 1:4,900:1000 (FLAGS) (CHANGEDSINCE 2 VANISHED)')).toEqual([
      '* VANISHED (EARLIER) 1,3',
      '* 2 FETCH (UID 4 FLAGS (\\Seen) MODSEQ (4))',
      'OK Fetched',
    ]);
    expect(await client.run(`UID FETCH 1:* (FLAGS) (VANISHED CHANGEDSINCE ${highestModSeq})`)).toEqual([
      '* VANISHED (EARLIER) 3,5',
      'OK There was nothing to fetch',
    ]);
  });

  test('SELECT tells what happened in the meantime (section 3.2.5)', async () => {
    const server = await fiveMessages();
    const mailbox = await inbox(server);
    await mailbox.expunge(setOf([uid(2)]));
    await mailbox.store(setOf([uid(3), uid(5)]), 'add', ['$Forwarded']);
    await deliver(await server.account(), ['INBOX'], message('six'));
    const client = await loggedIn(server);
    await client.run('ENABLE QRESYNC');
    const news = async (parameters: string): Promise<readonly string[]> => {
      const lines = await client.run(`SELECT INBOX (QRESYNC (${parameters}))`);
      return lines.slice(lines.findIndex((line) => line.startsWith('* OK [HIGHESTMODSEQ')) + 1);
    };
    const changed = [
      '* 2 FETCH (UID 3 FLAGS ($Forwarded) MODSEQ (4))',
      '* 4 FETCH (UID 5 FLAGS ($Forwarded) MODSEQ (4))',
    ];
    const done = 'OK [READ-WRITE] Selected';
    expect(await news(`${UID_VALIDITY} 2 1:5`)).toEqual(['* VANISHED (EARLIER) 2', ...changed, done]);
    expect(await news(`${UID_VALIDITY} 3 1:3`)).toEqual([changed[0], done]);
    expect(await news(`${UID_VALIDITY} 4`)).toEqual(['* 5 FETCH (UID 6 FLAGS () MODSEQ (5))', done]);
    expect(await news(`${UID_VALIDITY - 1} 2 1:5`)).toEqual([done]);
    expect(await client.run(`SELECT INBOX (QRESYNC (${UID_VALIDITY} 2 1:5 (1:2 7)))`)).toContain(
      'BAD The sample of UIDs does not fit its numbers',
    );
  });

  test('a sample of numbers spares what the client knows to be gone (section 3.2.5.2)', async () => {
    const server = testServer({ store: forgetful() });
    const account = await server.account();
    await deliver(account, ['INBOX'], ...Array.from({ length: 12 }, (_, index) => message(`${index}`)));
    const mailbox = await account.mailbox(['INBOX']);
    await mailbox.expunge(setOf([1, 2, 4, 5, 7, 8, 10, 11].map(uid)));
    const client = await loggedIn(server);
    await client.run('ENABLE QRESYNC');
    const vanished = async (parameters: string): Promise<readonly string[]> =>
      (await client.run(`SELECT INBOX (QRESYNC (${UID_VALIDITY} 3 ${parameters}))`)).filter((line) =>
        line.startsWith('* VANISHED'),
      );
    expect(await vanished('1:12')).toEqual(['* VANISHED (EARLIER) 1:2,4:5,7:8,10:11']);
    expect(await vanished('1:12 (1:2 3,6)')).toEqual(['* VANISHED (EARLIER) 7:8,10:11']);
    expect(await vanished('1:12 (1:4 3,6,9,12)')).toEqual([]);
    expect(await vanished('1:12 (1,3,4 3,8,12)')).toEqual(['* VANISHED (EARLIER) 4:5,7:8,10:11']);
    expect(await vanished('1:20')).toEqual(['* VANISHED (EARLIER) 1:2,4:5,7:8,10:11,13:20']);
  });

  test('[CLOSED] stands between two mailboxes (section 3.2.11)', async () => {
    const client = await opened(await fiveMessages(), 'ENABLE QRESYNC');
    expect((await client.run(`SELECT INBOX (QRESYNC (${UID_VALIDITY} 2))`))[0]).toBe(
      '* OK [CLOSED] The mailbox is closed',
    );
  });

  test('what came and went unseen is not told as VANISHED (section 3.2.10.2)', async () => {
    const server = await fiveMessages();
    const client = await opened(server, 'ENABLE QRESYNC');
    await deliver(await server.account(), ['INBOX'], message('six'));
    await (await inbox(server)).expunge(setOf([uid(6), uid(1)]));
    expect(await client.run('NOOP')).toEqual(['* VANISHED 1', 'OK Done']);
  });
});

/** A store that remembers nothing about what is gone. */
function forgetful() {
  const { store } = testServer();
  return {
    ...store,
    traits: store.traits,
    close: () => store.close(),
    async open(...args: Parameters<typeof store.open>) {
      const account = await store.open(...args);
      const open = account.mailbox.bind(account);
      account.mailbox = async (path, options) => {
        const mailbox = await open(path, options);
        mailbox.vanishedSince = async (_since: ModSeq, _uids: ReturnType<typeof setOf<Uid>>) => undefined;
        return mailbox;
      };
      return account;
    },
    [Symbol.asyncDispose]: () => store.close(),
  } as typeof store;
}

test('the whole of a mailbox can be expunged in one session and told in another', async () => {
  const server = await fiveMessages();
  const client = await opened(server, 'ENABLE QRESYNC');
  await (await inbox(server)).expunge(EVERY);
  expect(await client.run('NOOP')).toEqual(['* VANISHED 1:5', 'OK Done']);
  expect(await client.run(`SELECT INBOX (QRESYNC (${UID_VALIDITY} 1))`)).toContain('* VANISHED (EARLIER) 1:5');
});
