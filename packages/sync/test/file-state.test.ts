import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { uid, uidValidity } from '@posthorn/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileState, type SyncState } from '../src/index.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'posthorn-state-'));
  path = join(folder, 'deep', 'state.jsonl');
});
afterEach(() => rm(folder, { recursive: true }));

const begin = {
  type: 'begin',
  mailbox: 'INBOX',
  sourceUidValidity: uidValidity(5),
  targetUidValidity: uidValidity(9),
} as const;
const seen = { uidNext: 8, messages: 3, highestModSeq: '77', isExpunged: false };

async function fill(state: SyncState): Promise<void> {
  await state.record(begin);
  for (let each = 1; each <= 40; each++) {
    await state.record({ type: 'paired', mailbox: 'INBOX', pairs: [[uid(each), uid(each < 20 ? each : each + 1)]] });
  }
  await state.record({ type: 'seen', mailbox: 'INBOX', seen });
}

function summary(state: SyncState) {
  const mailbox = state.mailbox('INBOX');
  return mailbox && { ...mailbox, pairs: [...mailbox.pairs] };
}

const pairs = Array.from({ length: 40 }, (_, index) => [index + 1, index < 19 ? index + 1 : index + 2]);
const full = { sourceUidValidity: 5, targetUidValidity: 9, pairs, seen };

describe('a state in a file', () => {
  it('remembers across runs, and is folded into few lines when closed', async () => {
    const first = await fileState(path);
    await fill(first);
    await first.close();
    expect((await readFile(path, 'utf8')).trimEnd().split('\n')).toHaveLength(4);
    const second = await fileState(path);
    expect(summary(second)).toEqual(full);
    await second.close();
    expect(await readdir(join(folder, 'deep'))).toEqual(['state.jsonl']);
  });

  it('forgets a mailbox that begins anew', async () => {
    const state = await fileState(path);
    await fill(state);
    await state.record({ ...begin, sourceUidValidity: uidValidity(6) });
    await state.close();
    const again = await fileState(path);
    expect(summary(again)).toEqual({ sourceUidValidity: 6, targetUidValidity: 9, pairs: [], seen: undefined });
    await again.close();
  });

  it('holds at every cut what its whole lines say', async () => {
    const state = await fileState(path);
    await fill(state);
    const bytes = await readFile(path);
    await state.close();
    for (let cut = 0; cut <= bytes.length; cut += 7) {
      await writeFile(path, bytes.subarray(0, cut));
      const after = await fileState(path);
      const whole = bytes.subarray(0, cut).toString().split('\n').length - 1;
      expect(after.mailbox('INBOX')?.pairs.size ?? 0).toBe(Math.min(40, Math.max(0, whole - 2)));
      await after.record(begin);
      // Killed here: what was appended to the cut file must be readable.
      const killed = await readFile(path);
      await after.close();
      await writeFile(path, killed);
      const last = await fileState(path);
      expect(last.mailbox('INBOX')?.pairs.size).toBe(0);
      await last.close();
    }
  });

  it('refuses a file that is not its own, and says what to do', async () => {
    const state = await fileState(path);
    await state.close();
    await writeFile(path, 'shopping list\n');
    await expect(fileState(path)).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
      message: expect.stringContaining(path),
    });
    expect(await readFile(path, 'utf8')).toBe('shopping list\n');
    expect(await readdir(join(folder, 'deep'))).toEqual(['state.jsonl']);
  });

  it('skips what a later version added', async () => {
    const state = await fileState(path);
    await state.record(begin);
    await state.close();
    await appendFile(path, '{"mailbox":"INBOX","colour":"blue"}\n');
    const again = await fileState(path);
    expect(summary(again)).toMatchObject({ sourceUidValidity: 5 });
    await again.close();
  });

  it('is held by one process at a time', async () => {
    const state = await fileState(path);
    await expect(fileState(path, { lockTimeoutMs: 0 })).rejects.toMatchObject({ code: 'STORE_IN_USE' });
    const waiting = fileState(path);
    await state.close();
    await (await waiting).close();
  });

  it('takes over the lock of a process that is gone', async () => {
    await (await fileState(path)).close();
    await writeFile(`${path}.lock`, `4194304:${hostname()}`);
    await (await fileState(path, { lockTimeoutMs: 0 })).close();
    // A container gives every run the same number.
    await writeFile(`${path}.lock`, `${process.pid}:${hostname()}`);
    await (await fileState(path, { lockTimeoutMs: 0 })).close();
    await writeFile(`${path}.lock`, '1:another-host');
    await expect(fileState(path, { lockTimeoutMs: 0 })).rejects.toMatchObject({ code: 'STORE_IN_USE' });
  });

  it('stops waiting when told to', async () => {
    const state = await fileState(path);
    const reason = new Error('enough');
    await expect(fileState(path, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await state.close();
  });
});
