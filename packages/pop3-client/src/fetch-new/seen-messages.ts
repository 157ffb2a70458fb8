/** What is remembered of a message that was downloaded and stored. */
export interface SeenMessage {
  /** Names the message across sessions: from its unique id, or from its content where the server has none. */
  readonly key: string;
  /** When it was stored, in milliseconds since 1970. */
  readonly storedAt: number;
  /** Its octets. */
  readonly octets: number;
  /** Since when the maildrop was seen without it, in milliseconds since 1970; undefined while it is there. */
  readonly missingSince?: number | undefined;
}

/**
 * Which messages were downloaded before. Losing it costs a second download, never a message. One maildrop, one memory.
 * @see memorySeen, openSeenFile
 */
export interface SeenMessages {
  /** Everything that is remembered. */
  entries(): Iterable<SeenMessage>;
  /** Remembers messages, or changes what is remembered of them. When it settles, that outlives the process. */
  put(messages: readonly SeenMessage[]): Promise<void>;
  /** Forgets messages by their keys. */
  delete(keys: readonly string[]): Promise<void>;
}

/** A memory that ends with the process, or is kept by the caller: fill it with what `entries` gave the last time. */
export function memorySeen(messages: Iterable<SeenMessage> = []): SeenMessages {
  const seen = new Map<string, SeenMessage>();
  for (const message of messages) seen.set(message.key, message);
  return {
    entries: () => seen.values(),
    async put(added) {
      for (const message of added) seen.set(message.key, message);
    },
    async delete(keys) {
      for (const key of keys) seen.delete(key);
    },
  };
}
