import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { accountId } from '@posthorn/core';
import { openMaildir } from '@posthorn/maildir';
import { findProgram } from '@posthorn/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  findPython,
  isMandatory,
  missingServer,
  type Party,
  runProgram,
  SharedLedger,
  sharedMessage,
  storeParty,
} from '../src/index.ts';

/** `POSTHORN_SHARED_SECONDS` says for how long, and prints how much was done. */
const SECONDS = Number(process.env['POSTHORN_SHARED_SECONDS'] ?? (isMandatory ? 6 : 4));
const MESSAGES = 40;
const INBOX = 'INBOX';

const python = await findPython('mailbox');
if (python === undefined) missingServer('Python', 'python3');
const mutt = findProgram(['mutt']);
if (mutt === undefined) missingServer('mutt', 'mutt');

let root: string;
let party: Party;
let ledger: SharedLedger;
let close: () => Promise<void>;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ph-shared-'));
  const store = openMaildir(join(root, 'mail'));
  party = storeParty(await store.open(accountId('alice')));
  ledger = new SharedLedger();
  close = () => store.close();
  for (let index = 0; index < MESSAGES; index++) await deliver(`kept-${index}`);
});
afterEach(async () => {
  await close();
  await rm(root, { recursive: true, force: true });
});

async function deliver(token: string): Promise<void> {
  await party.deliver(INBOX, sharedMessage(token), []);
  ledger.delivered(token);
}

/** Delivers, flags and expunges what it delivered, until it is told to stop. */
async function workOnOurSide(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const messages = await look();
    const isSet = Math.random() < 0.6;
    const chosen = messages.filter(({ token }) => token.startsWith('kept-') && Math.random() < 0.2);
    await party.store(INBOX, uidsOf(chosen), isSet ? 'add' : 'remove', ['\\Answered', '$Ours']);
    ledger.count('flag');
    for (const { token } of chosen) ledger.flagged(token, '\\Answered', isSet);
    await deliver(ledger.newToken('ours'));
    const surplus = messages.filter(({ token }) => token.startsWith('ours-')).slice(0, -5);
    for (const { token } of surplus) ledger.removing(token);
    await party.expunge(INBOX, uidsOf(surplus));
    ledger.count('expunge');
    await wait(5);
  }
}

async function look() {
  const messages = (await party.look(INBOX))!;
  ledger.saw(party.name, INBOX, messages, true);
  return messages;
}

function uidsOf(messages: readonly { readonly uid: number }[]): readonly number[] {
  return messages.map(({ uid }) => uid);
}

/** Checks that nothing was lost, changed its UID or other octets than it was delivered with. */
async function checkEnd(): Promise<void> {
  const { messages } = (await party.lookClosely(INBOX))!;
  ledger.saw(party.name, INBOX, messages, true);
  ledger.check(new Set(messages.map(({ token }) => token)), messages);
  for (const { token, octets } of messages.filter((each) => /^(kept|ours)-/.test(each.token)))
    if (octets !== Buffer.from(sharedMessage(token).octets).toString('latin1'))
      ledger.faults.add(`${token} has other octets`);
  expect([...ledger.faults]).toEqual([]);
  expect(messages.filter(({ token }) => token.startsWith('kept-'))).toHaveLength(MESSAGES);
}

function figures(text: string): void {
  if (process.env['POSTHORN_SHARED_SECONDS'] !== undefined)
    process.stderr.write(`${text}; ours: ${JSON.stringify(Object.fromEntries(ledger.counts))}\n`);
}

interface PythonReport {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly flagged: Readonly<Record<string, boolean>>;
  readonly counts: Readonly<Record<'add' | 'flag' | 'remove' | 'read', number>>;
}

describe('a Maildir that other programs change at the same time as the store', () => {
  it.skipIf(python === undefined)("is safe with Python's mailbox", { timeout: SECONDS * 1_000 + 60_000 }, async () => {
    const program = fileURLToPath(new URL('../programs/mailbox_job.py', import.meta.url));
    const child = spawn(python!, [program, join(root, 'mail')], { stdio: ['pipe', 'pipe', 'inherit'] });
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    const controller = new AbortController();
    const work = workOnOurSide(controller.signal);
    await Promise.race([wait(SECONDS * 1_000), work]);
    controller.abort();
    await work;
    child.stdin.end();
    expect(await ended).toBe(0);
    const { added, removed, flagged, counts } = JSON.parse(printed) as PythonReport;
    for (const token of [...added, ...removed]) ledger.delivered(token);
    for (const token of removed) ledger.removing(token);
    for (const [token, isSet] of Object.entries(flagged)) ledger.flagged(token, '\\Flagged', isSet);
    await checkEnd();
    const tokens = (await look()).map(({ token }) => token);
    expect(tokens.filter((token) => removed.includes(token))).toEqual([]);
    expect(Math.min(...Object.values(counts))).toBeGreaterThan(0);
    figures(`Python: ${JSON.stringify(counts)}`);
  });

  it.skipIf(mutt === undefined)('is safe with mutt', { timeout: SECONDS * 1_000 + 60_000 }, async () => {
    const controller = new AbortController();
    const work = workOnOurSide(controller.signal);
    const until = performance.now() + SECONDS * 1_000;
    let runs = 0;
    for (; runs === 0 || performance.now() < until; runs++)
      await runMutt(
        `<tag-pattern>~s kept-.*${runs % 10}$<enter><tag-prefix><${runs % 2 === 0 ? 'set' : 'clear'}-flag>!`,
      );
    controller.abort();
    await work;
    // What mutt says while nobody disturbs it is what we see.
    await runMutt('<tag-pattern>~s kept-<enter><tag-prefix><set-flag>!<untag-pattern>.<enter>');
    await runMutt('<tag-pattern>~s kept-7$<enter><tag-prefix><clear-flag>!');
    const flagged = (await look()).filter(
      ({ token, flags }) => token.startsWith('kept-') && flags.includes('\\flagged'),
    );
    expect(flagged.map(({ token }) => token)).not.toContain('kept-7');
    expect(flagged).toHaveLength(MESSAGES - 1);
    await checkEnd();
    figures(`mutt: ${runs} runs`);
  });
});

async function runMutt(keys: string): Promise<void> {
  const rc = join(root, 'muttrc');
  await writeFile(
    rc,
    `set mbox_type=Maildir folder="${root}" spoolfile="${root}/mail" quit=yes delete=yes mark_old=no header_cache=""
set wait_key=no beep=no move=no mail_check=0 sleep_time=0
unset record
push '${keys}<sync-mailbox><quit>'
`,
  );
  const { exitCode, stdout } = await runProgram('script', ['-qec', `${mutt} -n -F ${rc}`, '/dev/null'], {
    env: { HOME: root, TERM: 'xterm', LANG: 'C.UTF-8' },
  });
  expect(exitCode, stdout).toBe(0);
}
