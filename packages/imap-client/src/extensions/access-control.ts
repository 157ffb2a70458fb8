import type { Connection } from '../connection/connection.ts';
import { onlyAnswer, runExtension } from '../connection/run-extension.ts';
import { type CommandOptions, requireExtension } from '../mailbox/selection.ts';
import { type MailboxReference, nameOf } from '../mailboxes/mailbox-reference.ts';

/** Who may do what. */
export interface AccessEntry {
  /** A user or group; with `-` before it, what is denied. */
  readonly identifier: string;
  /** One letter each, such as `lrs`. */
  readonly rights: string;
}

/** Rights that could be granted. */
export interface GrantableRights {
  /** Always granted. */
  readonly required: string;
  /** Rights that go together stand together. */
  readonly optional: readonly string[];
}

/** The access control lists of mailboxes. @see RFC 4314 */
export class AccessControl {
  readonly #connection: Connection;

  /** @internal */
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The rights that letters stand for beyond those of RFC 4314: what the server offers as `RIGHTS=`. */
  get extraRights(): string {
    return this.#connection.protocol.capabilities?.valuesOf('RIGHTS').join('') ?? '';
  }

  /** GETACL. */
  async get(mailbox: MailboxReference, { signal }: CommandOptions = {}): Promise<readonly AccessEntry[]> {
    const command = { name: 'GETACL', mailbox: this.#name(mailbox) } as const;
    return onlyAnswer(await runExtension(this.#connection, command, ['acl'], signal), 'GETACL').entries;
  }

  /** SETACL. @param rights - Letters; with `+` or `-` before them they are added to, or taken from, what is there. */
  async set(
    mailbox: MailboxReference,
    identifier: string,
    rights: string,
    { signal }: CommandOptions = {},
  ): Promise<void> {
    const command = { name: 'SETACL', mailbox: this.#name(mailbox), identifier, rights } as const;
    await runExtension(this.#connection, command, [], signal);
  }

  /** DELETEACL. */
  async delete(mailbox: MailboxReference, identifier: string, { signal }: CommandOptions = {}): Promise<void> {
    const command = { name: 'DELETEACL', mailbox: this.#name(mailbox), identifier } as const;
    await runExtension(this.#connection, command, [], signal);
  }

  /** LISTRIGHTS: what could be granted. */
  async grantable(
    mailbox: MailboxReference,
    identifier: string,
    { signal }: CommandOptions = {},
  ): Promise<GrantableRights> {
    const command = { name: 'LISTRIGHTS', mailbox: this.#name(mailbox), identifier } as const;
    const answers = await runExtension(this.#connection, command, ['listRights'], signal);
    const { required, optional } = onlyAnswer(answers, 'LISTRIGHTS');
    return { required, optional };
  }

  /** MYRIGHTS: what the one logged in may do. */
  async mine(mailbox: MailboxReference, { signal }: CommandOptions = {}): Promise<string> {
    const command = { name: 'MYRIGHTS', mailbox: this.#name(mailbox) } as const;
    return onlyAnswer(await runExtension(this.#connection, command, ['myRights'], signal), 'MYRIGHTS').rights;
  }

  #name(mailbox: MailboxReference): ReturnType<typeof nameOf> {
    requireExtension({ connection: this.#connection }, 'ACL', 'control access');
    return nameOf(mailbox, this.#connection.protocol.isUtf8);
  }
}
