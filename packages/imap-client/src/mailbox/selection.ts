import { InvalidStateError, type UidValidity } from '@posthorn/core';
import type { MailboxName } from '@posthorn/mailbox-name';
import type { Timers } from '@posthorn/transport/client';
import type { Command, MessageSelector, StatusResponse } from '@posthorn/wire';
import type { UntaggedEvent } from '../connection/client-events.ts';
import type { RunOptions } from '../connection/command-handler.ts';
import type { Connection } from '../connection/connection.ts';
import { restOf } from '../connection/message-limit.ts';
import { ImapError } from '../errors.ts';
import type { MailboxView } from './mailbox-view.ts';
import type { MessageSelection } from './message-selection.ts';
import type { ResyncResult } from './resync.ts';

export interface CommandOptions {
  readonly signal?: AbortSignal | undefined;
}

/** What a selected mailbox shares with its client. */
export interface Selection {
  readonly connection: Connection;
  readonly view: MailboxView;
  readonly timers: Timers;
  readonly name: MailboxName;
  readonly uidValidity: UidValidity;
  readonly resync: ResyncResult | undefined;
  isCurrent(): boolean;
  /** Hears all untagged answers that no command takes. @returns what ends that */
  listen(listener: (event: UntaggedEvent) => void): () => void;
  /** The mailbox is not selected any more. */
  leave(): void;
}

/** @throws InvalidStateError when the mailbox is not selected any more */
export function checkSelected({ isCurrent, name }: Selection): void {
  if (!isCurrent()) throw new InvalidStateError(`the mailbox "${name.text}" is not selected any more`);
}

/** Whether the server offers an extension now. */
export function offers({ connection }: Pick<Selection, 'connection'>, capability: string): boolean {
  return connection.protocol.capabilities?.has(capability) === true;
}

/** @throws ImapError `IMAP_UNSUPPORTED` when the server does not offer the extension */
export function requireExtension(selection: Pick<Selection, 'connection'>, capability: string, what: string): void {
  if (!offers(selection, capability))
    throw new ImapError('IMAP_UNSUPPORTED', `the server cannot ${what} (it does not offer ${capability})`);
}

/** Runs a command for each piece of a set, and again for what a server leaves over. */
export async function runAll(
  { connection }: Selection,
  { selectors }: MessageSelection,
  command: (selector: MessageSelector) => Command,
  options: RunOptions,
): Promise<readonly StatusResponse[]> {
  const runPiece = async (selector: MessageSelector): Promise<readonly StatusResponse[]> => {
    const responses: StatusResponse[] = [];
    for (let left: MessageSelector | undefined = selector; left !== undefined; ) {
      const response: StatusResponse = await connection.run(command(left), options);
      responses.push(response);
      left = restOf(left, response);
    }
    return responses;
  };
  return (await Promise.all(selectors.map(runPiece))).flat();
}
