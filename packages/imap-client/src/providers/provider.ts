/** Something a provider does that others do not, and where that is written down. */
export interface ProviderQuirk {
  /** Stable name, such as `id-before-select`. */
  readonly id: string;
  /** What it does, in a sentence. */
  readonly what: string;
  /** What is done about it here, when anything is. */
  readonly remedy?: string;
  /** Where it was seen: addresses of issues and of the provider's own pages. */
  readonly evidence: readonly string[];
}

/** What is known of a provider of mail. */
export interface Provider {
  /** Stable name, such as `gmail`. */
  readonly id: string;
  readonly name: string;
  /** Hosts that belong to it, with everything below them. */
  readonly hosts: readonly string[];
  /** Capabilities that nobody else has. */
  readonly capabilities?: readonly string[];
  /** What its greeting begins with, or holds, when that tells. */
  readonly greeting?: RegExp;
  /** What it calls itself in its answer to ID, in small letters. */
  readonly ids?: readonly string[];
  /** It refuses to open mailboxes for clients that do not say who they are (ID). */
  readonly needsId?: boolean;
  /** Extensions that it offers and that go wrong. */
  readonly avoids?: readonly string[];
  /** Its mod-sequences are not to be relied on. */
  readonly distrustsModSeq?: boolean;
  /** Most connections of one account that go well. */
  readonly maxConnections?: number;
  readonly quirks: readonly ProviderQuirk[];
}
