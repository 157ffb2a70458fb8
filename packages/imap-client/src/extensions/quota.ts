import type { QuotaResource } from '@posthorn/wire/extensions';
import type { Connection } from '../connection/connection.ts';
import { onlyAnswer, runExtension } from '../connection/run-extension.ts';
import { type CommandOptions, requireExtension } from '../mailbox/selection.ts';
import { type MailboxReference, nameOf } from '../mailboxes/mailbox-reference.ts';

/** What is used of what is allowed, under one quota root. */
export interface QuotaRoot {
  readonly root: string;
  /** `STORAGE` counts units of 1,024 octets. */
  readonly resources: readonly QuotaResource[];
}

/** Limits on what an account may hold. @see RFC 9208 */
export class Quota {
  readonly #connection: Connection;

  /** @internal */
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The resources the server can limit, such as `STORAGE`, when it tells. */
  get resources(): readonly string[] {
    const capabilities = this.#connection.protocol.capabilities;
    return capabilities?.valuesOf('QUOTA').flatMap((value) => (/^RES-/i.test(value) ? [value.slice(4)] : [])) ?? [];
  }

  /** GETQUOTA. */
  async get(root: string, { signal }: CommandOptions = {}): Promise<QuotaRoot> {
    this.#check();
    return onlyAnswer(await runExtension(this.#connection, { name: 'GETQUOTA', root }, ['quota'], signal), 'GETQUOTA');
  }

  /** GETQUOTAROOT: every root that a mailbox counts for; none when nothing limits it. */
  async of(mailbox: MailboxReference, { signal }: CommandOptions = {}): Promise<readonly QuotaRoot[]> {
    this.#check();
    const command = { name: 'GETQUOTAROOT', mailbox: nameOf(mailbox, this.#connection.protocol.isUtf8) } as const;
    const answers = await runExtension(this.#connection, command, ['quotaRoot', 'quota'], signal);
    const roots = answers.flatMap((answer) => (answer.type === 'quotaRoot' ? answer.roots : []));
    return roots.map((root) => {
      const quota = answers.find((answer) => answer.type === 'quota' && answer.root === root);
      return { root, resources: quota?.type === 'quota' ? quota.resources : [] };
    });
  }

  /** SETQUOTA: limits by resource; a resource left out is not limited any more. */
  async set(
    root: string,
    limits: Readonly<Record<string, number>>,
    { signal }: CommandOptions = {},
  ): Promise<QuotaRoot | undefined> {
    this.#check();
    const words = Object.entries(limits).map(([name, limit]) => ({ name, limit }));
    const command = { name: 'SETQUOTA', root, limits: words } as const;
    return (await runExtension(this.#connection, command, ['quota'], signal)).at(-1);
  }

  #check(): void {
    requireExtension({ connection: this.#connection }, 'QUOTA', 'tell quotas');
  }
}
