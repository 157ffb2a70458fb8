import type { Uid, UidSet } from '@posthorn/core';
import { emptySet, type MessageRange, setFromRanges, setOf, splitSequenceSet, union } from '@posthorn/message-set';
import { extensionCommand, readExtension, type SearchCommand, type SearchKey } from '@posthorn/wire';
import type { UntaggedEvent } from './client-protocol.ts';
import type { Connection } from './connection.ts';
import { ImapError } from './errors.ts';
import { MAX_SET_LENGTH } from './message-selection.ts';
import { needsOf } from './search-key.ts';

/** Asks for the UIDs of messages: in an ESEARCH response where there is one, which is short, else in a SEARCH response. */
export async function searchMessages(
  connection: Connection,
  key: SearchKey,
  signal: AbortSignal | undefined,
): Promise<UidSet> {
  const { protocol } = connection;
  const has = (capability: string): boolean => protocol.capabilities?.has(capability) === true;
  const { charset, capabilities } = needsOf(key);
  for (const capability of capabilities) {
    if (!has(capability)) throw new ImapError('IMAP_UNSUPPORTED', `the server cannot search for this (${capability})`);
  }
  // With UTF-8 everywhere, strings are UTF-8 already, and naming a charset is an error. RFC 6855 section 3.
  const isUtf8 = protocol.isEnabled('UTF8=ACCEPT') || protocol.isEnabled('IMAP4rev2');
  const options = {
    ...(has('ESEARCH') && { return: [{ type: 'all' }] as const }),
    ...(charset && !isUtf8 && { charset: 'UTF-8' }),
  };
  const results = await Promise.all(
    piecesOf(key).map((piece) =>
      searchOnce(connection, { name: 'SEARCH', isUid: true, key: piece, ...options }, signal),
    ),
  );
  return results.reduce((all, found) => union<Uid>(all, found), emptySet<Uid>());
}

async function searchOnce(
  connection: Connection,
  search: SearchCommand,
  signal: AbortSignal | undefined,
): Promise<UidSet> {
  const found = new Found();
  await connection.run(extensionCommand(search), { signal, accept: (event) => found.accept(event) });
  return found.uids();
}

/** What the server answered. */
class Found {
  #uids: UidSet = emptySet();
  #isBroken = false;

  /** Searches run alone, so every such answer is for this one. */
  accept(event: UntaggedEvent): boolean {
    if (event.type === 'search') this.#uids = union<Uid>(this.#uids, setOf(event.numbers as readonly Uid[]));
    else if (event.type === 'unknown' && event.name === 'ESEARCH') {
      const answer = readExtension(event);
      if (answer?.type !== 'extendedSearch') this.#isBroken = true;
      else if (answer.all !== undefined) this.#add(answer.all.ranges as readonly MessageRange<Uid>[]);
    } else if (event.type === 'invalid' && isSearch(event.raw)) this.#isBroken = true;
    else return false;
    return true;
  }

  /** QUIRK: servers that find nothing may say nothing, although RFC 3501 section 6.4.4 has an untagged SEARCH always. */
  uids(): UidSet {
    if (this.#isBroken) throw new ImapError('IMAP_PROTOCOL', 'the server answered SEARCH with something unreadable');
    return this.#uids;
  }

  #add(ranges: readonly MessageRange<Uid>[]): void {
    const closed: { readonly first: Uid; readonly last: Uid }[] = [];
    for (const { first, last } of ranges) {
      if (first === '*' || last === '*') this.#isBroken = true;
      else closed.push({ first, last });
    }
    this.#uids = union<Uid>(this.#uids, setFromRanges(closed));
  }
}

/** Searches that each fit a command line and together find the same: cut where a long set of UIDs is asked for. */
function piecesOf(key: SearchKey): readonly SearchKey[] {
  const keys = key.type === 'and' ? key.keys : [key];
  const index = keys.findIndex(({ type }) => type === 'uids');
  const uids = keys[index];
  if (uids?.type !== 'uids') return [key];
  const parts = splitSequenceSet(uids.set, MAX_SET_LENGTH);
  return parts.map((set) => ({ type: 'and', keys: keys.with(index, { type: 'uids', set }) }));
}

/** Whether a line that does not parse was meant to be the answer. */
function isSearch(raw: Uint8Array): boolean {
  return /^\* E?SEARCH\b/i.test(new TextDecoder().decode(raw.subarray(0, 10)));
}
