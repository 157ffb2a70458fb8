import { giveTo, mailOwner } from './mail-owner.ts';
import { type DovecotSetup, type RunningDovecot, runDovecot } from './run-dovecot.ts';

export type DovecotOptions = Pick<DovecotSetup, 'folder' | 'maildir' | 'user' | 'password' | 'settings'>;

/** A private Dovecot that serves IMAP. */
export interface Dovecot extends Pick<RunningDovecot, 'ca' | 'log' | 'stop'> {
  /** Clear text and STARTTLS. */
  readonly imapPort: number;
  readonly imapsPort: number;
  /** Gives the Maildir to the user Dovecot reads it as, after somebody else wrote to it. */
  own(): Promise<void>;
}

/** Starts a Dovecot on loopback and waits until it answers. As root it reads mail as the user `mail`. */
export async function startDovecot(options: DovecotOptions): Promise<Dovecot> {
  const owner = await mailOwner();
  const own = (): Promise<void> => giveTo(options.maildir, owner);
  await own();
  const { port, tlsPort, ...server } = await runDovecot({ ...options, protocol: 'imap', mechanisms: 'plain login' });
  return { ...server, imapPort: port, imapsPort: tlsPort, own };
}
