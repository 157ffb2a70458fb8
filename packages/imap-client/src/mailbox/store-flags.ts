import type { Flag, FlagOperation, ModSeq, SequenceNumber, Uid } from '@posthorn/core';
import type { MailboxName } from '@posthorn/mailbox-name';
import type { SequenceSet } from '@posthorn/message-set';
import type { Command, Annotation as MessageAnnotation, MessageSelector, StatusResponse } from '@posthorn/wire';
import { extensionCommand } from '@posthorn/wire/extensions';
import { isBySequence, type MessageSelection } from './message-selection.ts';
import { requireExtension, runAll, type Selection } from './selection.ts';

export interface StoreOptions {
  /** Asks the server not to repeat the new flags. @defaultValue false */
  readonly silent?: boolean;
  /** Leaves alone what changed after this. Needs CONDSTORE. */
  readonly unchangedSince?: ModSeq | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Flags that a message has after a store. */
export interface StoredFlags {
  readonly uid: Uid | undefined;
  /** Undefined where messages have UIDs alone (UIDONLY). */
  readonly sequenceNumber: SequenceNumber | undefined;
  readonly flags: readonly Flag[] | undefined;
  readonly modSeq: ModSeq | undefined;
}

export interface StoreResult {
  /** What the server told, in its order; empty for a silent store. */
  readonly messages: readonly StoredFlags[];
  /** What was left alone because of `unchangedSince`: UIDs, or sequence numbers when these were given. */
  readonly modified: SequenceSet<Uid> | SequenceSet<SequenceNumber> | undefined;
}

const MOST_TOLD = 1_000_000;

/** Changes flags of the messages that are meant and exist. */
export async function storeFlags(
  selection: Selection,
  messages: MessageSelection,
  change: { readonly operation: FlagOperation; readonly flags: readonly Flag[] },
  { silent = false, unchangedSince, signal }: StoreOptions,
): Promise<StoreResult> {
  /** By UID, or by number below zero where there is none: servers may tell of a message twice. */
  const stored = new Map<number, StoredFlags>();
  const bySequence = isBySequence(messages);
  const responses = await runAll(
    selection,
    messages,
    (selector) => ({ name: 'STORE', messages: selector, ...change, isSilent: silent, unchangedSince }),
    {
      signal,
      accept: (event) => {
        if (event.type !== 'fetch') return false;
        const { sequenceNumber } = event;
        const { uid: told, flags: now, modSeq } = event.items;
        const isOurs =
          told === undefined
            ? bySequence && messages.matches(0 as Uid, sequenceNumber)
            : messages.matches(told, sequenceNumber);
        if (!isOurs) return false;
        const { view } = selection;
        if (told !== undefined && !view.isUidOnly && sequenceNumber <= view.exists) view.uids.set(sequenceNumber, told);
        const uid = told ?? view.uids.at(sequenceNumber);
        const key = uid ?? -sequenceNumber;
        const before = stored.get(key);
        if (before !== undefined || stored.size < MOST_TOLD)
          stored.set(key, {
            uid,
            sequenceNumber: view.isUidOnly ? undefined : sequenceNumber,
            flags: now ?? before?.flags,
            modSeq: modSeq ?? before?.modSeq,
          });
        return true;
      },
    },
  );
  return { messages: [...stored.values()], modified: modifiedOf(responses) };
}

/** Changes the labels of Gmail. */
export async function storeLabels(
  selection: Selection,
  messages: MessageSelection,
  change: { readonly operation: FlagOperation; readonly labels: readonly MailboxName[] },
  { silent = false, unchangedSince, signal }: StoreOptions,
): Promise<StoreResult['modified']> {
  requireExtension(selection, 'X-GM-EXT-1', 'label messages');
  const command = (selector: MessageSelector): Command =>
    extensionCommand({
      name: 'STORE X-GM-LABELS',
      messages: selector,
      ...change,
      isSilent: silent,
      ...(unchangedSince !== undefined && { unchangedSince }),
    });
  return modifiedOf(await runAll(selection, messages, command, { signal }));
}

/** Changes annotations. @see RFC 5257 section 4.5 */
export async function storeAnnotations(
  selection: Selection,
  messages: MessageSelection,
  annotations: readonly MessageAnnotation[],
  { unchangedSince, signal }: Pick<StoreOptions, 'unchangedSince' | 'signal'>,
): Promise<StoreResult['modified']> {
  requireExtension(selection, 'ANNOTATE-EXPERIMENT-1', 'annotate messages');
  const command = (selector: MessageSelector): Command =>
    extensionCommand({
      name: 'STORE ANNOTATION',
      messages: selector,
      annotations,
      ...(unchangedSince !== undefined && { unchangedSince }),
    });
  return modifiedOf(await runAll(selection, messages, command, { signal }));
}

function modifiedOf(responses: readonly StatusResponse[]): StoreResult['modified'] {
  const ranges = responses.flatMap(({ code }): SequenceSet<Uid>['ranges'] =>
    code?.type === 'modified' ? (code.set as SequenceSet<Uid>).ranges : [],
  );
  return ranges.length === 0 ? undefined : { ranges };
}
