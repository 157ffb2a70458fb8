import { type AccountId, accountId, type Flag, type MailboxPath, parseStoreUrl } from '@posthorn/core';
import { deliver, type MaildirPlace, maildirPlace } from '@posthorn/maildir';
import { listUsers, UsersError } from '@posthorn/users';
import type { CommandContext } from '../command-context.ts';
import { deliveredOctets } from '../endpoint/delivered-octets.ts';
import { parseMailboxPath } from '../endpoint/mailbox-path.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { UsageError } from '../failure.ts';
import { streamLogger } from '../output/stderr-logger.ts';

export interface DeliverCommandOptions {
  /** The Maildir, or with `user` what holds one for each. */
  readonly maildir: string;
  readonly user?: string | undefined;
  /** The users file. */
  readonly users?: string | undefined;
  readonly folder?: string | undefined;
  readonly create: boolean;
  /** With commas or spaces between them. */
  readonly flags?: string | undefined;
}

/** `posthorn deliver`: puts the message on standard input into a Maildir. */
export async function deliverCommand(options: DeliverCommandOptions, context: CommandContext): Promise<ExitCode> {
  const { output, signal, stdin = process.stdin, stderr, verbose } = context;
  const path: MailboxPath = options.folder === undefined ? ['INBOX'] : parseMailboxPath(options.folder, '--folder');
  const account = await accountOf(options);
  const place = placeOf(options);
  const { file, size } = await deliver(place.root, deliveredOctets(stdin), {
    ...place.options,
    account,
    path,
    flags: flagsOf(options),
    create: options.create,
    signal,
    logger: verbose ? streamLogger(stderr) : undefined,
  });
  output.event({ event: 'delivered', file, size });
  return EXIT.done;
}

/** A directory, or the URL of one with options such as its layout. */
function placeOf({ maildir }: DeliverCommandOptions): MaildirPlace {
  if (!maildir.startsWith('maildir:')) return { root: maildir, options: {} };
  try {
    return maildirPlace(parseStoreUrl(maildir));
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : 'that is no URL of a Maildir');
  }
}

/** Whose account it is; undefined when there is only one. */
async function accountOf({ user, users }: DeliverCommandOptions): Promise<AccountId | undefined> {
  if (user === undefined && users === undefined) return undefined;
  if (user === undefined || users === undefined) throw new UsageError('--user NAME and --users FILE go together');
  // Names are kept in this form.
  const name = user.normalize('NFKC');
  if ((await listUsers(users)).includes(name)) return accountId(name);
  throw new UsersError('USERS_NONEXISTENT', `there is no user ${user}`);
}

function flagsOf({ flags = '' }: DeliverCommandOptions): readonly Flag[] {
  const names = flags.split(/[\s,]+/).filter((name) => name !== '');
  const wrong = names.find((name) => !/^\\?[A-Za-z0-9$_.:+-]+$/.test(name));
  if (wrong !== undefined) throw new UsageError(`--flags takes flags such as \\Seen,$Label, not "${wrong}"`);
  return names;
}
