import { setTimeout as wait } from 'node:timers/promises';
import { type MailError, StoreError } from '@posthorn/core';
import { ServerRefusedError } from '@posthorn/imap-client';
import type { SharedLedger } from './ledger.ts';
import { type Party, type SeenMessage, sharedMessage } from './party.ts';

/** Messages come into it, change and are expunged, but never move: each keeps its UID. */
export const FIXED = 'INBOX';
/** Messages move and are copied between these. */
export const MOVING: readonly string[] = ['Moving', 'Moving/Läufer'];
/** Mailboxes that come, change their names and go. */
const FLEETING = 'Fleeting';
const MAX_FIXED = 60;
const MAX_MOVING = 40;

type Action = (party: Party, own: string, ledger: SharedLedger) => Promise<void>;

const ACTIONS: readonly (readonly [weight: number, name: string, action: Action])[] = [
  [6, 'deliver', deliver],
  [8, 'flag', flag],
  [3, 'expunge', expunge],
  [3, 'move', (party, _, ledger) => transfer(party, ledger, 'move')],
  [2, 'copy', (party, _, ledger) => transfer(party, ledger, 'copy')],
  [2, 'rename keyword', renameKeyword],
  [2, 'folders', folders],
];
/** What a worker does, at random. */
export const KINDS_OF_WORK: readonly string[] = ACTIONS.map(([, name]) => name);
const TOTAL = ACTIONS.reduce((sum, [weight]) => sum + weight, 0);

/** Does one thing after the other, at random, until the signal is aborted. `own` names what only this worker touches. */
export async function workUntil(
  signal: AbortSignal,
  party: Party,
  own: string,
  ledger: SharedLedger,
  pauseMs: number,
): Promise<void> {
  while (!signal.aborted) {
    let at = Math.random() * TOTAL;
    const [, name, action] = ACTIONS.find(([weight]) => {
      at -= weight;
      return at < 0;
    })!;
    try {
      await action(party, own, ledger);
      ledger.count(`${party.name}: ${name}`);
    } catch (error) {
      if (!isLostRace(error)) ledger.faults.add(`${party.name}: ${name} failed: ${String(error)}`);
    }
    await wait(pauseMs * Math.random() * 2);
  }
}

/** A mailbox or a message that another party took away in the meantime is no fault. */
function isLostRace(error: unknown): boolean {
  if (error instanceof ServerRefusedError) return !/internal error/i.test(error.message);
  return (
    error instanceof StoreError &&
    ['STORE_NONEXISTENT', 'STORE_ALREADY_EXISTS', 'STORE_EXPUNGED'].includes((error as MailError).code)
  );
}

async function deliver(party: Party, _: string, ledger: SharedLedger): Promise<void> {
  const message = sharedMessage(ledger.newToken(party.name));
  const isMoving = Math.random() < 0.5;
  await party.deliver(isMoving ? oneOf(MOVING)! : FIXED, message, Math.random() < 0.5 ? [] : ['\\Draft', '$Shared']);
  ledger.delivered(message.token);
}

async function flag(party: Party, own: string, ledger: SharedLedger): Promise<void> {
  const messages = await lookAt(party, FIXED, ledger);
  const chosen = messages.filter(() => Math.random() < 0.2);
  if (chosen.length === 0) return;
  const isSet = Math.random() < 0.6;
  await party.store(
    FIXED,
    chosen.map(({ uid }) => uid),
    isSet ? 'add' : 'remove',
    [own, '\\Seen'],
  );
  for (const { token } of chosen) ledger.flagged(token, own, isSet);
}

async function expunge(party: Party, _: string, ledger: SharedLedger): Promise<void> {
  const isMoving = Math.random() < 0.5;
  const mailbox = isMoving ? oneOf(MOVING)! : FIXED;
  const messages = await lookAt(party, mailbox, ledger);
  const surplus = messages.length > (isMoving ? MAX_MOVING : MAX_FIXED) ? 10 : 1;
  const chosen = messages.filter((_each, index) => index < surplus * 3 && Math.random() < 0.4);
  for (const { token } of chosen) ledger.removing(token);
  if (chosen.length > 0)
    await party.expunge(
      mailbox,
      chosen.map(({ uid }) => uid),
    );
}

async function transfer(party: Party, ledger: SharedLedger, mode: 'copy' | 'move'): Promise<void> {
  const [from, to] = Math.random() < 0.5 ? MOVING : MOVING.toReversed();
  const messages = await lookAt(party, from!, ledger);
  const chosen = messages.filter(() => Math.random() < 0.1);
  if (chosen.length > 0 && (mode === 'move' || messages.length < MAX_MOVING))
    await party.transfer(
      from!,
      chosen.map(({ uid }) => uid),
      to!,
      mode,
    );
}

/** Gives another name to a keyword: to all messages that have it the new one, and then takes the old one away. */
async function renameKeyword(party: Party, _: string, ledger: SharedLedger): Promise<void> {
  const mailbox = MOVING[0]!;
  const [from, to] = [`$Label${Math.floor(Math.random() * 4)}`, `$Label${Math.floor(Math.random() * 4)}`];
  const messages = await lookAt(party, mailbox, ledger);
  const named = messages.filter(({ flags }) => flags.includes(from.toLowerCase()));
  const chosen = (named.length > 0 ? named : messages.slice(0, 3)).map(({ uid }) => uid);
  if (chosen.length === 0 || from === to) return;
  await party.store(mailbox, chosen, 'add', [to]);
  await party.store(mailbox, chosen, 'remove', [from]);
}

async function folders(party: Party, own: string, ledger: SharedLedger): Promise<void> {
  const name = `${FLEETING}/${own.replace(/\W/g, '')}-${Math.floor(Math.random() * 3)}`;
  await party.create(name);
  const message = sharedMessage(ledger.newToken(party.name));
  await party.deliver(name, message, []);
  const renamed = `${name}-renamed`;
  await party.rename(name, renamed);
  const found = (await party.look(renamed)) ?? [];
  if (!found.some(({ token }) => token === message.token))
    ledger.faults.add(`${party.name}: ${message.token} did not come along to ${renamed}`);
  await party.delete(renamed);
}

/** Looks at a mailbox, and tells the ledger. */
async function lookAt(party: Party, mailbox: string, ledger: SharedLedger): Promise<readonly SeenMessage[]> {
  const messages = await party.look(mailbox);
  if (messages === undefined) {
    ledger.faults.add(`${party.name} does not find ${mailbox}`);
    return [];
  }
  ledger.saw(party.name, mailbox, messages, mailbox === FIXED);
  return messages;
}

function oneOf<Item>(items: readonly Item[]): Item | undefined {
  return items[Math.floor(Math.random() * items.length)];
}
