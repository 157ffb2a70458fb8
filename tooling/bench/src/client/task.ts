/** What a client is measured at. */
export const WORKS = [
  'metadata',
  'bodies',
  'large',
  'slow',
  'noops',
  'flags',
  'pipelined',
  'appends',
  'multiappend',
  'kept',
  'held',
  'idle',
] as const;

export type Work = (typeof WORKS)[number];

/** The mailboxes, by the work that they are for. */
export const BODIES = 'Bodies';
export const LARGE = 'Large';

/** What a process is told to do. */
export interface Task {
  readonly client: 'posthorn' | 'imapflow' | 'node-imap' | 'splitter';
  readonly work: Work;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** How many commands, messages or connections, where the mailbox does not say it. */
  readonly count: number;
}

/** What it answers. */
export interface Outcome {
  /** Octets, messages or commands, so that all are seen to have done the work. */
  readonly found: number;
  /** Processor time of the process from its start, user and system, in seconds. */
  readonly wholeCpu: number;
  /** The same, from when the mailbox was open until the work was done. */
  readonly workCpu: number;
  readonly workWall: number;
  /** Most memory that was resident, in octets. */
  readonly peakRss: number;
  /** What only some works measure. */
  readonly extra: Readonly<Record<string, number>>;
}

/** Octets of a message to append. */
const APPENDED_BYTES = 8192;

/** The task of a process, its only argument. */
export function taskOf([, , text = '']: readonly string[]): Task {
  return JSON.parse(text) as Task;
}

export function appendedMessage(): Buffer {
  const head = 'Subject: measured\r\nFrom: a@example.org\r\n\r\n';
  const line = `${'x'.repeat(70)}\r\n`;
  const body = line.repeat(200).slice(0, APPENDED_BYTES - head.length - 2);
  return Buffer.from(`${head}${body}\r\n`);
}
