import type { LiteralData, LiteralEnd, StatusResponse } from '@posthorn/wire';
import type { ClientCommand, UntaggedEvent } from './client-events.ts';
import type { Loan } from './loan.ts';
import type { MessageSource } from './message-source.ts';

/** Who waits for a command: gets what the server says on its behalf, and then exactly one of `done` and `fail`. */
export interface CommandHandler {
  /** Offers an untagged answer. The oldest command that takes it gets it alone. */
  readonly accept?: ((event: UntaggedEvent) => boolean) | undefined;
  /** The octets of a literal whose start was accepted. */
  readonly literal?: ((event: LiteralData | LiteralEnd, loan: Loan | undefined) => void) | undefined;
  /** Whether `literal` looks at its loan, which is there when the octets are lent. Others get octets to keep. */
  readonly takesLoans?: boolean;
  /** A SASL challenge in base64. @returns the answer, or undefined to give up */
  challenge?(text: string): Uint8Array | undefined | Promise<Uint8Array | undefined>;
  /** IDLE is in force. */
  idling?(): void;
  /** Where the octets of an APPEND come from. */
  message?(index: number, part: number | undefined): MessageSource;
  /** Whether it can take no more for now. Reading stops then, unless another command is wanted. */
  isFull?(): boolean;
  /** Whether somebody waits for it right now. @defaultValue always */
  isWanted?(): boolean;
  done(response: StatusResponse): void;
  fail(reason: unknown): void;
}

/** A command that has no answer yet. */
export interface Pending {
  readonly command: ClientCommand;
  readonly handler: CommandHandler;
  /** How far the server said that it is. */
  done?: number;
  /** How often it has said so. */
  reports?: number;
  /** When it began and what had been read and written by then, for those who watch. */
  start?: { readonly now: number; readonly bytesRead: number; readonly bytesWritten: number };
}

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  readonly accept?: CommandHandler['accept'] | undefined;
  readonly literal?: ((event: LiteralData | LiteralEnd) => void) | undefined;
}
