import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generatedMail } from '../src/generated-mail.ts';
import { saysTheSame } from '../src/imap-answer.ts';
import { type ImapScript, playScript, type ScriptServer } from '../src/imap-script.ts';
import {
  type Dovecot,
  findDovecot,
  type ImapAccount,
  missingServer,
  startDovecot,
  startImapAccount,
} from '../src/index.ts';
import { GONE_SCRIPTS } from '../src/scripts/gone.ts';
import { MAILBOX_SCRIPTS } from '../src/scripts/mailboxes.ts';
import { MESSAGE_SCRIPTS } from '../src/scripts/messages.ts';
import { SEARCH_SCRIPTS } from '../src/scripts/searches.ts';
import { SESSION_SCRIPTS } from '../src/scripts/sessions.ts';

const hasDovecot = findDovecot() !== undefined;
if (!hasDovecot) missingServer('Dovecot', 'dovecot-imapd');

const PASSWORD = 'correct horse battery staple';

const DOVECOT_WENT = 'but Dovecot\nGONE';

describe.skipIf(!hasDovecot)('answers as Dovecot does', () => {
  let folder: string;
  let dovecot: Dovecot;
  let reference: ScriptServer;
  const accounts: ImapAccount[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ph-'));
    await chmod(folder, 0o755);
    dovecot = await startDovecot({ folder, maildir: join(folder, 'mail'), user: 'alice', password: PASSWORD });
    reference = { port: dovecot.imapPort, user: 'alice', password: PASSWORD };
    accounts.push(await startImapAccount('memory'), await startImapAccount('maildir'));
  }, 60_000);

  afterAll(async () => {
    await Promise.all(accounts.map((account) => account.stop()));
    await dovecot?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** What is answered otherwise than by Dovecot without a verdict, or alike in spite of one. */
  async function surprises(script: ImapScript, box: string): Promise<readonly string[]> {
    const [expected, ...played] = await Promise.all(
      [reference, ...accounts].map((server) => playScript(server, script, box)),
    );
    return played.flatMap((steps, which) =>
      steps.flatMap(({ command, answer, verdict }, place) => {
        const { answer: wanted } = expected![place]!;
        if (saysTheSame(answer, wanted) === (verdict === undefined)) return [];
        const store = which === 0 ? 'memory' : 'maildir';
        return [[`${command} over ${store}`, ...answer, 'but Dovecot', ...wanted].join('\n')];
      }),
    );
  }

  const scripts = [...MAILBOX_SCRIPTS, ...MESSAGE_SCRIPTS, ...SEARCH_SCRIPTS, ...SESSION_SCRIPTS, ...GONE_SCRIPTS];

  it.each(scripts.map((script, place) => ({ ...script, box: `script${place + 10}` })))(
    '$name',
    { timeout: 60_000 },
    async ({ box, ...script }) => {
      let found = await surprises(script, box);
      // A process of Dovecot's ended once without being asked to, while its master went on.
      for (let again = 1; again <= 2 && found.some((each) => each.includes(DOVECOT_WENT)); again++)
        found = await surprises(script, `${box}again${again}`);
      expect(found).toEqual([]);
    },
  );

  it('about generated messages', { timeout: 120_000 }, async () => {
    let made = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(generatedMail(), { minLength: 8, maxLength: 8 }), async (mail) => {
        const box = `generated${made++}x`;
        const items = [
          'ENVELOPE',
          'BODY',
          'BODYSTRUCTURE',
          'RFC822.SIZE',
          ...SECTIONS.map((part) => `BODY.PEEK[${part}]`),
        ];
        const commands = ['SELECT $box', ...items.map((item) => `FETCH 1:8 ${item}`)].join('\n');
        expect(await surprises({ name: box, mail, commands }, box)).toEqual([]);
      }),
      { numRuns: GENERATED },
    );
  });

  it('about generated searches', { timeout: 120_000 }, async () => {
    let made = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(searchKey, { minLength: 60, maxLength: 60 }), async (keys) => {
        const box = `searched${made++}x`;
        const flags = [
          'STORE 1:3 +FLAGS (\\Seen $One)',
          'STORE 3:5 +FLAGS (\\Flagged)',
          'STORE 2,6 +FLAGS (\\Answered)',
        ];
        const searches = keys.map((key, place) => `${place % 2 === 0 ? 'UID ' : ''}SEARCH ${key}`);
        const commands = ['SELECT $box', ...flags, ...searches].join('\n');
        expect(await surprises({ name: box, mail: SEARCHED, commands }, box)).toEqual([]);
      }),
      { numRuns: GENERATED },
    );
  });
});

/** Each run asks three servers a few dozen questions. */
const GENERATED = Number(process.env['POSTHORN_DIFFERENTIAL_RUNS'] ?? 4);

const SECTIONS: readonly string[] = [
  'HEADER',
  'TEXT',
  'HEADER.FIELDS (FROM TO CONTENT-TYPE)',
  '1',
  '1.MIME',
  '2',
  '2.MIME',
];

const SEARCHED: readonly string[] = Array.from(
  { length: 8 },
  (_, place) =>
    `From: user${place % 3}@example.org\r\nSubject: word${place % 4}\r\nDate: ${place + 1} Mar 2024 12:00:00 +0000\r\n\r\nbody${place % 5}\r\n`,
);

const searchKey: fc.Arbitrary<string> = fc.letrec<{ key: string }>((tie) => ({
  key: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(
      'ALL',
      'SEEN',
      'UNSEEN',
      'FLAGGED',
      'ANSWERED',
      'UNANSWERED',
      'KEYWORD $One',
      'UNKEYWORD $One',
      'DELETED',
    ),
    fc
      .tuple(fc.constantFrom('', 'UID '), fc.constantFrom('1', '2:4', '5,1,3', '4:*', '*', '*:7', '8'))
      .map((pair) => pair.join('')),
    fc
      .tuple(fc.constantFrom('SUBJECT word', 'FROM user', 'BODY body', 'TEXT BODY'), fc.nat(5))
      .map((pair) => pair.join('')),
    fc
      .tuple(fc.constantFrom('SENTBEFORE', 'SENTON', 'SENTSINCE'), fc.integer({ min: 1, max: 9 }))
      .map(([word, day]) => `${word} ${day}-Mar-2024`),
    fc
      .tuple(fc.constantFrom('BEFORE', 'ON', 'SINCE'), fc.integer({ min: 1, max: 9 }))
      .map(([word, day]) => `${word} ${day}-Feb-2024`),
    fc.tuple(fc.constantFrom('LARGER', 'SMALLER'), fc.integer({ min: 90, max: 110 })).map((pair) => pair.join(' ')),
    tie('key').map((key) => `NOT ${key}`),
    fc.tuple(tie('key'), tie('key')).map(([left, right]) => `OR ${left} ${right}`),
    fc.tuple(tie('key'), tie('key')).map(([left, right]) => `(${left} ${right})`),
  ),
})).key;
