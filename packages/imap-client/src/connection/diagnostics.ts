import { channel } from 'node:diagnostics_channel';

/** What is published when a command has ended. */
export interface CommandDiagnostics {
  readonly tag: string;
  /** Such as `FETCH`, or the word of a raw command. */
  readonly name: string;
  /** Undefined when the connection ended first. */
  readonly status: 'OK' | 'NO' | 'BAD' | undefined;
  /** From its first octet to its end. */
  readonly durationMs: number;
  /** Octets that were read while it was in progress, those of commands beside it included. */
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

/** The name of the channel of `node:diagnostics_channel` that a {@link CommandDiagnostics} of every command goes to. */
export const COMMAND_CHANNEL = 'posthorn:imap-client:command';

const commands = channel(COMMAND_CHANNEL);

/** Whether anybody listens. */
export function isWatched(): boolean {
  return commands.hasSubscribers;
}

export function publishCommand(message: CommandDiagnostics): void {
  commands.publish(message);
}
