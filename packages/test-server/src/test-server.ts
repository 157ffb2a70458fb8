import type { Account, Transport } from '@posthorn/core';
import type { TestClock } from './clock.ts';
import type { Fault, InjectedFault, Protocol } from './faults.ts';
import type { MessageFixture } from './fixtures.ts';
import type { TranscriptEntry } from './transcript.ts';

/** A server for tests. */
export interface TestServer extends AsyncDisposable {
  readonly host: string;
  /** The port of IMAP. */
  readonly port: number;
  /** The port of POP3. */
  readonly pop3Port: number;
  /** The certificate to trust, in PEM, unless the server speaks without TLS. */
  readonly certificate: string | undefined;
  readonly clock: TestClock;
  /** All that was said since the start or the last reset, passwords left out. */
  readonly transcript: readonly TranscriptEntry[];
  /** Connections at this moment. */
  readonly connections: number;
  /** Lets something go wrong. */
  inject(fault: Fault): InjectedFault;
  /** Connects without a network: the client's end of a pair in memory. @param protocol - IMAP when left out. */
  connect(protocol?: Protocol): Transport;
  /** The account of a user, to look at or to change behind the clients' backs. @throws TypeError for a stranger. */
  account(user?: string): Promise<Account>;
  /** Adds a message as if it had been delivered; the mailbox is made when it is missing. @returns its UID */
  deliver(message: MessageFixture, to?: { readonly user?: string; readonly mailbox?: string }): Promise<number>;
  /** Breaks every connection. */
  disconnect(): void;
  /** Breaks every connection, and makes everything as it was at the start: mail, faults, transcript. */
  reset(): Promise<void>;
  /** Stops the server. Idempotent; never rejects. */
  close(): Promise<void>;
}
