import type { StatusResponse } from '@posthorn/wire';
import type { MetadataDepth } from '@posthorn/wire/extensions';
import { extensionCommand } from '@posthorn/wire/extensions';
import type { Connection } from '../connection/connection.ts';
import { ExtensionAnswers } from '../connection/run-extension.ts';
import { ImapError } from '../errors.ts';
import { type CommandOptions, offers } from '../mailbox/selection.ts';
import { type MailboxReference, nameOf } from '../mailboxes/mailbox-reference.ts';
import { type Annotation, getAnnotations, setAnnotations } from './annotations.ts';

export interface MetadataOptions extends CommandOptions {
  /** Also what lies below each entry: `'1'` directly, `'infinity'` at any depth. @defaultValue '0' */
  readonly depth?: MetadataDepth | undefined;
  /** Longer values, in octets, are left out. */
  readonly maxSize?: number | undefined;
}

export interface MetadataValues {
  /** Values by entry; null for an entry without one. Entries the server knows nothing of are absent. */
  readonly entries: ReadonlyMap<string, string | null>;
  /** Octets of the longest value that `maxSize` left out. */
  readonly longest: number | undefined;
}

/** Entries such as `/shared/comment` that belong to a mailbox, or to the server. @see RFC 5464 */
export class Metadata {
  readonly #connection: Connection;

  /** @internal */
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** GETMETADATA. @param mailbox - Null for the server itself. */
  async get(
    mailbox: MailboxReference | null,
    entries: readonly string[],
    { depth, maxSize, signal }: MetadataOptions = {},
  ): Promise<MetadataValues> {
    const command = {
      name: 'GETMETADATA',
      mailbox: this.#name(mailbox),
      entries,
      ...(depth !== undefined && { depth }),
      ...(maxSize !== undefined && { maxSize }),
    } as const;
    const answers = new ExtensionAnswers(['metadata']);
    const options = { signal, accept: answers.accept };
    const response = await this.#connection.run(extensionCommand(command), options);
    const found = answers.all('GETMETADATA').flatMap(({ values }) => [...(values ?? [])]);
    return { entries: new Map(found), longest: longestOf(response) };
  }

  /** SETMETADATA. @param entries - Values by entry; null removes one. */
  async set(
    mailbox: MailboxReference | null,
    entries: Readonly<Record<string, string | null>>,
    { signal }: CommandOptions = {},
  ): Promise<void> {
    const values = new Map(Object.entries(entries));
    await this.#connection.run(
      extensionCommand({ name: 'SETMETADATA', mailbox: this.#name(mailbox), entries: values }),
      { signal },
    );
  }

  /**
   * GETANNOTATION, for servers that offer ANNOTATEMORE, which METADATA took the place of.
   * @param attributes - Such as `value.priv` and `value.shared`; `*` and `%` match.
   */
  async getAnnotations(
    mailbox: MailboxReference | null,
    entries: readonly string[],
    attributes: readonly string[],
    { signal }: CommandOptions = {},
  ): Promise<readonly Annotation[]> {
    this.#checkAnnotateMore();
    const name = nameOf(mailbox ?? '', this.#connection.protocol.isUtf8);
    return getAnnotations(this.#connection, { mailbox: name, entries, attributes }, signal);
  }

  /** SETANNOTATION. @param attributes - Values by attribute; null removes one. */
  async setAnnotation(
    mailbox: MailboxReference | null,
    entry: string,
    attributes: Readonly<Record<string, string | null>>,
    { signal }: CommandOptions = {},
  ): Promise<void> {
    this.#checkAnnotateMore();
    const name = nameOf(mailbox ?? '', this.#connection.protocol.isUtf8);
    await setAnnotations(this.#connection, { mailbox: name, entry, attributes }, signal);
  }

  #name(mailbox: MailboxReference | null): ReturnType<typeof nameOf> {
    const connection = this.#connection;
    const isOffered =
      offers({ connection }, 'METADATA') || (mailbox === null && offers({ connection }, 'METADATA-SERVER'));
    if (!isOffered)
      throw new ImapError('IMAP_UNSUPPORTED', 'the server keeps no metadata (it does not offer METADATA)');
    return nameOf(mailbox ?? '', connection.protocol.isUtf8);
  }

  #checkAnnotateMore(): void {
    const names = this.#connection.protocol.capabilities?.names ?? [];
    // Drafts numbered their capabilities, and some servers say so.
    if (!names.some((name) => /^ANNOTATEMORE2?$/i.test(name)))
      throw new ImapError('IMAP_UNSUPPORTED', 'the server keeps no annotations (it does not offer ANNOTATEMORE)');
  }
}

function longestOf({ code }: StatusResponse): number | undefined {
  return code?.type === 'metadata' && code.reason === 'LONGENTRIES' ? code.octets : undefined;
}
