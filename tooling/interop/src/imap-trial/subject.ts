import type { ImapServer, PrivateServerOptions } from '../private-server/server.ts';
import type { ImapTrial } from './session.ts';

/** What IMAP has and a server may lack all the same, by a fault of its own. */
export type Lack =
  /** It sends all of a section when it is asked for a window, and ends the connection for a part that is not there. */
  | 'windows'
  /** It fails to search header fields, texts and dates. */
  | 'stringSearch'
  /** It knows rights, and lets nobody be given any. */
  | 'sharing'
  /** A message that is fetched is not seen for that. */
  | 'seenByFetch'
  /** Other sessions never hear of an expunge. */
  | 'newsOfExpunges';

/** A server of IMAP to try our client on. */
export interface ImapSubject {
  readonly name: string;
  readonly start: (options: PrivateServerOptions) => Promise<ImapServer>;
  /** Every mechanism that it offers and passwords are good for. */
  readonly mechanisms: readonly string[];
  /** Whether it ends the last line of a message that has no end. */
  readonly endsLastLine: boolean;
  /** Whether it tells where copies are (UIDPLUS). @defaultValue true */
  readonly tellsPlaces?: boolean;
  readonly lacks?: readonly Lack[];
  /** Who may change quotas, with the same password, and the quota that `alice` begins with. */
  readonly administrator?: string;
}

/** What the tests of one kind are given; the trial stands when they run. */
export interface TrialSetting {
  readonly subject: ImapSubject;
  readonly trial: () => ImapTrial;
  lacks(lack: Lack): boolean;
}
