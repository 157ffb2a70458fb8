import type { Transport } from '@posthorn/core';
import { ChildStream } from './child-stream.ts';
import { StreamTransport } from './stream-transport.ts';

export interface SpawnOptions {
  /** The folder to run the command in. @defaultValue that of this process */
  readonly cwd?: string;
  /** Its whole environment. @defaultValue that of this process */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Told what the command writes to its standard error: text from elsewhere, to be escaped before it is shown. */
  readonly onStderr?: (text: string) => void;
  /** Gives up starting: rejects with its reason. Does nothing once the command runs. */
  readonly signal?: AbortSignal;
}

/**
 * Runs a command and talks to its standard input and output, such as `ssh host imapd` or `dovecot --exec-mail imap`,
 * which as a rule greet with PREAUTH. No shell is involved, so arguments mean what they say. Closing ends its input;
 * a command that then does not end is ended, and killed when that does not help.
 *
 * A command that fails breaks the connection with its status and the last of what it wrote to standard error.
 * @throws {@link TransportError} `TRANSPORT_CONNECT` when it cannot be started.
 */
export async function spawnTransport(
  command: string,
  args: readonly string[] = [],
  { cwd, env, onStderr, signal }: SpawnOptions = {},
): Promise<Transport> {
  if (command === '' || [command, ...args].some((text) => text.includes('\0'))) {
    throw new TypeError('the command or an argument of it cannot be one');
  }
  signal?.throwIfAborted();
  const stream = new ChildStream(command, args, { cwd, env, onStderr });
  const transport = new StreamTransport(stream);
  await stream.started();
  if (signal?.aborted) {
    transport.destroy();
    throw signal.reason;
  }
  return transport;
}
