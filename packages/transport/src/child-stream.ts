import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import { TransportError } from '@posthorn/core';

export interface ChildOptions {
  readonly cwd: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>> | undefined;
  /** Told what the command writes to its standard error, besides its last words in an error. */
  readonly onStderr: ((text: string) => void) | undefined;
}

/** What is kept of the end of standard error. */
const LAST_WORDS = 400;
/** How long a command may take to end once its connection was dropped, before it is killed. */
const KILL_AFTER_MS = 2000;
/** How long a write that failed waits for the end of the process, which says more about it. */
const EXIT_FOLLOWS_MS = 200;
const CONTROL = /[\p{Control}\u2028\u2029]+/gu;

/** Standard input and output of a process as one stream, which ends with an error when the process fails. */
export class ChildStream extends Duplex {
  readonly #command: string;
  readonly #child: ChildProcessWithoutNullStreams;
  #lastWords = '';
  #hasEnded = false;
  #exit: TransportError | 'clean' | undefined;
  #killing: ReturnType<typeof setTimeout> | undefined;

  constructor(command: string, args: readonly string[], { cwd, env, onStderr }: ChildOptions) {
    super({ allowHalfOpen: true });
    this.#command = command;
    this.#child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(cwd !== undefined && { cwd }),
      ...(env && { env }),
    });
    const { stdin, stdout, stderr } = this.#child;
    this.#child.once('error', (error) => this.#onSpawnError(error));
    this.#child.once('close', (status, signal) => this.#onExit(status, signal));
    stdout.on('readable', () => this.#pump());
    stdout.on('error', (error) => this.destroy(error));
    // What becomes of writes that fail is told to their callers; why they fail, by the end of the process.
    stdin.on('error', () => {});
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-LAST_WORDS);
      onStderr?.(text);
    });
    stderr.on('error', () => {});
  }

  /** Settles when the process runs. @throws {@link TransportError} `TRANSPORT_CONNECT` */
  started(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#child.once('spawn', resolve);
      this.once('error', reject);
    });
  }

  override _read(): void {
    this.#pump();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#child.stdin.write(chunk, (error) => {
      if (!error) return callback();
      const report = (): void => {
        clearTimeout(timer);
        this.#child.off('close', report);
        callback(this.#exit instanceof TransportError ? this.#exit : error);
      };
      const timer = setTimeout(report, EXIT_FOLLOWS_MS);
      this.#child.once('close', report);
    });
  }

  override _final(callback: (error?: Error | null) => void): void {
    // When the process is gone nobody is left to be told that the input ended.
    if (this.#child.stdin.destroyed) callback();
    else this.#child.stdin.end(() => callback());
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#child.stdin.destroy();
    this.#child.stdout.destroy();
    if (this.#exit === undefined && this.#child.pid !== undefined) {
      this.#child.kill('SIGTERM');
      this.#killing = setTimeout(() => this.#child.kill('SIGKILL'), KILL_AFTER_MS);
    }
    callback(error);
  }

  /** Takes no more of the output than fits. */
  #pump(): void {
    for (;;) {
      const chunk: Buffer | null = this.#child.stdout.read();
      if (chunk === null) return;
      if (!this.push(chunk)) return;
    }
  }

  #onSpawnError(error: NodeJS.ErrnoException): void {
    this.#exit = new TransportError('TRANSPORT_CONNECT', `cannot start ${this.#name}: ${spawnReason(error)}`, {
      cause: error,
    });
    this.destroy(this.#exit);
  }

  /** The process is gone, and everything it wrote was read. */
  #onExit(status: number | null, signal: NodeJS.Signals | null): void {
    clearTimeout(this.#killing);
    if (this.destroyed || this.#hasEnded) return;
    this.#hasEnded = true;
    if (status === 0) {
      this.#exit = 'clean';
      this.push(null);
      return;
    }
    const how = status === null ? `was ended by ${signal}` : `ended with status ${status}`;
    const words = this.#lastWords.replace(CONTROL, ' ').trim();
    const said = words === '' ? '' : `: ${words}`;
    this.#exit = new TransportError('TRANSPORT_BROKEN', `${this.#name} ${how}${said}`);
    this.destroy(this.#exit);
  }

  /** Without its arguments, which may hold secrets. */
  get #name(): string {
    return this.#command.replace(CONTROL, ' ');
  }
}

function spawnReason({ code }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'there is no such command, or no such folder to run it in';
  if (code === 'EACCES') return 'permission was denied';
  return code ?? 'of an unknown error';
}
