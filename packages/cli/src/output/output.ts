import type { SyncEvent } from '@posthorn/sync';

/** Where a command writes: one object a line for programs, or words for people. */
export interface Output {
  /** A result or a step, for programs. Silent for people. */
  event(event: Readonly<Record<string, unknown>>): void;
  /** A line for people on standard output. Silent for programs. */
  line(text: string): void;
  /** A line on standard error, for both. */
  note(text: string): void;
  /** Shows how a sync goes on. */
  progress(title: string): SyncProgress;
}

/** What is shown of a running sync. */
export interface SyncProgress {
  update(event: SyncEvent): void;
  /** Leaves the terminal as it was. Idempotent. */
  stop(): void;
}

export interface Streams {
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** JSON text of values that may hold bigints. */
export function jsonLine(value: unknown): string {
  return `${JSON.stringify(value, (_key, each: unknown) => (typeof each === 'bigint' ? String(each) : each))}\n`;
}
