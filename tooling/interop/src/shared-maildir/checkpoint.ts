import { setTimeout as wait } from 'node:timers/promises';
import type { SharedLedger } from './ledger.ts';
import { type Party, type SeenMailbox, sharedMessage } from './party.ts';
import { FIXED, MOVING } from './work.ts';

/** Times of directories are looked at again after a second or two, by Dovecot as by us. */
const SETTLE_MS = 250;
const ROUNDS = 40;

type Picture = Readonly<Record<string, SeenMailbox>>;

/**
 * While nobody works: what all parties see, which has to be the same, and has to be what was done. Differences are
 * given some time, since nobody has to look before asked, but not for ever.
 */
export async function checkpoint(parties: readonly Party[], ledger: SharedLedger): Promise<void> {
  let pictures: readonly Picture[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    pictures = await Promise.all(parties.map(pictureOf));
    if (new Set(pictures.map((picture) => JSON.stringify(picture))).size === 1) break;
    await wait(SETTLE_MS);
  }
  const [first, ...others] = pictures;
  for (const [index, other] of others.entries())
    for (const difference of differences(first!, other))
      ledger.faults.add(`${parties[0]!.name} and ${parties[index + 1]!.name} differ: ${difference}`);
  const messages = Object.values(first!).flatMap((mailbox) => mailbox.messages);
  for (const { token, octets } of messages)
    if (octets !== Buffer.from(sharedMessage(token).octets).toString('latin1'))
      ledger.faults.add(`${token} has other octets`);
  for (const mailbox of [FIXED, ...MOVING])
    for (const [index, party] of parties.entries())
      ledger.saw(party.name, mailbox, pictures[index]![mailbox]?.messages ?? [], mailbox === FIXED);
  ledger.check(new Set(messages.map(({ token }) => token)), first![FIXED]?.messages ?? []);
}

async function pictureOf(party: Party): Promise<Picture> {
  const picture: Record<string, SeenMailbox> = {};
  for (const name of await party.mailboxes()) {
    const mailbox = await party.lookClosely(name);
    if (mailbox !== undefined) picture[name] = mailbox;
  }
  return picture;
}

function* differences(one: Picture, other: Picture): Iterable<string> {
  for (const name of new Set([...Object.keys(one), ...Object.keys(other)])) {
    const [left, right] = [one[name], other[name]];
    if (left?.uidValidity !== right?.uidValidity) {
      yield `${name} has UIDVALIDITY ${left?.uidValidity} and ${right?.uidValidity}`;
      continue;
    }
    const lines = [left, right].map((each) => new Set(each!.messages.map((message) => JSON.stringify(message))));
    for (const line of lines[0]!) if (!lines[1]!.has(line)) yield `${name}: only the first sees ${line.slice(0, 120)}`;
    for (const line of lines[1]!) if (!lines[0]!.has(line)) yield `${name}: only the second sees ${line.slice(0, 120)}`;
  }
}
