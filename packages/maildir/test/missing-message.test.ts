import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, it, onTestFinished } from 'vitest';
import { openInbox, rows } from './support.ts';

const MESSAGES = 5_000;
/** `POSTHORN_RACE_SCANS` says how many, and prints what happened. */
const SCANS = Number(process.env['POSTHORN_RACE_SCANS'] ?? 30);
const RENAMES_PER_SECOND = 500;

/** Sets and takes away a flag of one message after the other by renaming it, as a mail reader does, without a lock. */
const RENAMER = `
const { renameSync } = require('node:fs');
const { workerData: { cur, state } } = require('node:worker_threads');
const flags = new Array(${MESSAGES}).fill('');
const start = performance.now();
for (let step = 0; Atomics.load(state, 0) === 0; ) {
  for (const due = ((performance.now() - start) / 1_000) * ${RENAMES_PER_SECOND}; step < due; step++) {
    const index = (step * 7) % ${MESSAGES};
    const next = flags[index] === '' ? 'S' : '';
    renameSync(cur + '/1.M' + index + '.m:2,' + flags[index], cur + '/1.M' + index + '.m:2,' + next);
    flags[index] = next;
    Atomics.add(state, 1, 1);
  }
  Atomics.wait(state, 0, 0, 5);
}
Atomics.store(state, 2, flags.filter((flag) => flag === 'S').length);
`;

/** On a real disk, whose directories lose sight of a file that is renamed while they are read. */
function folderOnDisk(): string {
  const root = mkdtempSync(join(tmpdir(), 'posthorn-race-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const place of ['cur', 'new', 'tmp']) mkdirSync(join(root, place));
  for (let index = 0; index < MESSAGES; index++) writeFileSync(join(root, 'cur', `1.M${index}.m:2,`), '');
  const records = Array.from({ length: MESSAGES }, (_, index) => `${index + 1} :1.M${index}.m\n`);
  writeFileSync(join(root, 'dovecot-uidlist'), `3 V77 N${MESSAGES + 1} G${'0'.repeat(32)}\n${records.join('')}`);
  return root;
}

/** Renames until it is told to stop, at the latest before the folder is removed. */
function startRenaming(cur: string): { readonly renames: () => number; readonly stop: () => Promise<number> } {
  const state = new Int32Array(new SharedArrayBuffer(12));
  const worker = new Worker(RENAMER, { eval: true, workerData: { cur, state } });
  let failure: unknown;
  const ended = new Promise<void>((resolve) => {
    worker.once('exit', () => resolve());
    worker.once('error', (error) => {
      failure = error;
    });
  });
  const stop = async (): Promise<number> => {
    Atomics.store(state, 0, 1);
    Atomics.notify(state, 0);
    await ended;
    expect(failure).toBeUndefined();
    return state[2]!;
  };
  // Those that are named last are run first.
  onTestFinished(async () => {
    await stop();
  });
  return { renames: () => state[1]!, stop };
}

it('never takes a message for gone while another program renames (D20)', {
  timeout: 60_000 + SCANS * 200,
}, async () => {
  const root = folderOnDisk();
  const inbox = await openInbox(root);
  let { cursor } = await inbox.changes(undefined);
  const { renames, stop } = startRenaming(join(root, 'cur'));
  let incomplete = 0;
  let changed = 0;
  for (let scan = 0; scan < SCANS; scan++) {
    // A listing that is believed as it is would lose messages now and then.
    if (new Set(readdirSync(join(root, 'cur')).map((name) => name.split(':')[0])).size < MESSAGES) incomplete++;
    const page = await inbox.changes(cursor);
    cursor = page.cursor;
    changed += page.changed.length;
    expect([page.complete, page.vanished.bounds.length, page.added.length]).toEqual([true, 0, 0]);
  }
  const flagged = await stop();
  const seen = await rows(inbox);
  expect(seen.map(([uid]) => uid)).toEqual(Array.from({ length: MESSAGES }, (_, index) => index + 1));
  expect(seen.filter(([, flags]) => flags === '\\Seen')).toHaveLength(flagged);
  expect(changed).toBeGreaterThan(0);
  if (process.env['POSTHORN_RACE_SCANS'] !== undefined)
    process.stderr.write(
      `${SCANS} scans, ${renames()} renames, ${changed} changes told, 0 vanished; ${incomplete} plain listings missed a file\n`,
    );
});
