import { decodeText, utf8Bytes } from '@posthorn/core';
import type { UntaggedEvent } from '../connection/client-events.ts';
import type { Connection } from '../connection/connection.ts';
import { argument, readOctetTokens, spaced } from '../connection/raw-tokens.ts';
import { MOST_ANSWERS } from '../connection/run-extension.ts';
import { ImapError } from '../errors.ts';
import { type CommandOptions, requireExtension } from '../mailbox/selection.ts';
import { type MailboxReference, nameOf } from '../mailboxes/mailbox-reference.ts';

/** URLs that let others read a message, or a part of it, without logging in. @see RFC 4467 */
export class UrlAuth {
  readonly #connection: Connection;

  /** @internal */
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * GENURLAUTH: signs URLs that end in `;URLAUTH=` and who may use them.
   * @param mechanism - How; every server knows `INTERNAL`.
   * @returns the signed URLs in the order given
   */
  async sign(
    urls: readonly string[],
    mechanism = 'INTERNAL',
    options: CommandOptions = {},
  ): Promise<readonly string[]> {
    const words = urls.flatMap((url) => [argument(url), utf8Bytes(mechanism)]);
    const [signed] = await this.#run('GENURLAUTH', words, options);
    const result = (signed ?? []).map((url) => (url instanceof Uint8Array ? decodeText(url) : undefined));
    if (result.length !== urls.length || result.includes(undefined)) throw unreadable('GENURLAUTH');
    return result as readonly string[];
  }

  /**
   * URLFETCH: what signed URLs name, up to 64 KiB each; null for those that are not good, or no longer.
   * @returns octets by URL
   */
  async fetch(urls: readonly string[], options: CommandOptions = {}): Promise<ReadonlyMap<string, Uint8Array | null>> {
    const answers = await this.#run('URLFETCH', urls.map(argument), options);
    const found = new Map<string, Uint8Array | null>();
    for (const tokens of answers) {
      for (let index = 0; index < tokens.length; index += 2) {
        // QUIRK: Cyrus leaves out the NIL of a URL that is not good.
        const [url, data = null] = [tokens[index], tokens[index + 1]];
        if (!(url instanceof Uint8Array) || !(data === null || data instanceof Uint8Array))
          throw unreadable('URLFETCH');
        found.set(decodeText(url), data);
      }
    }
    return found;
  }

  /** RESETKEY: makes the URLs of a mailbox worthless; of all mailboxes when none is given. */
  async reset(mailbox?: MailboxReference, options: CommandOptions = {}): Promise<void> {
    const words = mailbox === undefined ? [] : [argument(nameOf(mailbox, this.#connection.protocol.isUtf8).wire)];
    await this.#run('RESETKEY', words, options);
  }

  async #run(
    command: string,
    words: readonly Uint8Array[],
    { signal }: CommandOptions,
  ): Promise<readonly (readonly unknown[])[]> {
    requireExtension({ connection: this.#connection }, 'URLAUTH', 'sign URLs');
    const answers: (readonly unknown[])[] = [];
    let isBroken = false;
    const accept = (event: UntaggedEvent): boolean => {
      if (event.type !== 'unknown' || event.name !== command) return false;
      const tokens = readOctetTokens(event.raw);
      if (tokens === undefined || answers.length >= MOST_ANSWERS) isBroken = true;
      else answers.push(tokens);
      return true;
    };
    await this.#connection.run({ name: 'X', command, raw: spaced(words) }, { signal, accept });
    if (isBroken) throw unreadable(command);
    return answers;
  }
}

function unreadable(command: string): ImapError {
  return new ImapError('IMAP_PROTOCOL', `the server answered ${command} with something unreadable`);
}
