/**
 * UIDVALIDITY values that only grow. Dovecot keeps a counter in the root: `dovecot-uidvalidity` holds eight hexadecimal
 * digits, and renaming its sibling `dovecot-uidvalidity.<digits>` takes the next number in one step. Beside it,
 * `posthorn-uidvalidity` remembers what each name had when it lost its mailbox.
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';
import { MAX_ID, StoreError } from '@posthorn/core';
import { errorCode, isMissing } from '../disk/disk.ts';
import type { Settings } from '../settings.ts';

const COUNTER = 'dovecot-uidvalidity';
const MEMORY = 'posthorn-uidvalidity';
const MAX_TRIES = 1_000;

/** Takes the next number of the account; it is above `floor`. */
export async function takeValidity(settings: Settings, root: string, floor: number): Promise<number> {
  const path = `${root}/${COUNTER}`;
  const { disk } = settings;
  const written = readText(path);
  let current = /^[0-9a-f]{8}$/i.test(written) ? Number.parseInt(written, 16) : 0;
  for (let round = 0; round < MAX_TRIES; round++) {
    const next = current === 0 ? Math.max(1, Math.floor(settings.clock() / 1_000)) : current + 1;
    if (next > MAX_ID) throw new StoreError('STORE_LIMIT', 'no UIDVALIDITY is left in this account');
    const sibling = siblings(root);
    const highest = sibling.at(-1);
    if (highest !== undefined && highest !== current) {
      current = highest;
      continue;
    }
    try {
      if (highest === undefined) disk.close(await disk.create(`${path}.${hex(next)}`));
      else await disk.rename(`${path}.${hex(current)}`, `${path}.${hex(next)}`);
    } catch (error) {
      // Another program was faster: its number is taken.
      if (!isMissing(error) && errorCode(error) !== 'EEXIST') throw error;
      continue;
    }
    await disk.replace(path, Buffer.from(hex(next)));
    return next > floor ? next : above(floor);
  }
  throw new StoreError('STORE_IN_USE', `other programs take numbers from ${path} all the time; try again`);
}

/** What a name had: the highest UIDVALIDITY, and the mailbox that had it. */
export interface FormerValidity {
  readonly uidValidity: number;
  readonly guid: string;
}

/** Remembers that a name gives up a mailbox. */
export async function rememberValidity(
  settings: Settings,
  root: string,
  directoryName: string,
  { uidValidity, guid }: FormerValidity,
): Promise<void> {
  const path = `${root}/${MEMORY}`;
  const { disk } = settings;
  const text = readText(path);
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const descriptor = await disk.open(path);
  try {
    const line = `${uidValidity} ${guid} ${directoryName}\n`;
    await disk.write(descriptor, path, Buffer.from(line), Buffer.byteLength(whole));
    await disk.syncData(descriptor, path);
  } finally {
    disk.close(descriptor);
  }
}

/** The highest UIDVALIDITY that a name is remembered to have had. */
export function formerValidity(root: string, directoryName: string): FormerValidity | undefined {
  let found: FormerValidity | undefined;
  for (const line of readText(`${root}/${MEMORY}`).split('\n')) {
    const [, number, guid, name] = /^(\d+) (\S*) (.*)$/.exec(line) ?? [];
    if (name !== directoryName) continue;
    const uidValidity = Number(number);
    if (found === undefined || uidValidity >= found.uidValidity) found = { uidValidity, guid: guid ?? '' };
  }
  return found;
}

function above(floor: number): number {
  if (floor >= MAX_ID) throw new StoreError('STORE_LIMIT', 'no UIDVALIDITY is left for this name');
  return floor + 1;
}

/** The numbers of the sibling files, in ascending order. */
function siblings(root: string): readonly number[] {
  return readdirSync(root)
    .map((name) => /^dovecot-uidvalidity\.([0-9a-f]{8})$/.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map((digits) => Number.parseInt(digits, 16))
    .sort((left, right) => left - right);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return '';
    throw error;
  }
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
