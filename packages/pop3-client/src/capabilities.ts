import { parsePop3Capabilities } from '@posthorn/wire/pop3';

/**
 * What a server offers: its answer to CAPA. Names are compared in any case.
 * @see RFC 2449
 */
export class Pop3Capabilities {
  /** Of a server that does not know CAPA. Its optional commands may work all the same: try them. */
  static readonly unknown: Pop3Capabilities = new Pop3Capabilities([], false);
  /** Whether the server answered CAPA. */
  readonly isKnown: boolean;
  readonly #capabilities: ReadonlyMap<string, readonly string[]>;

  /** @param lines - The lines of the answer, such as `SASL PLAIN`. */
  constructor(lines: readonly string[], isKnown = true) {
    this.#capabilities = parsePop3Capabilities(lines);
    this.isKnown = isKnown;
  }

  has(name: string): boolean {
    return this.#capabilities.has(name.toUpperCase());
  }

  /** The words behind a capability, as sent; undefined when it is not offered. */
  parameters(name: string): readonly string[] | undefined {
    return this.#capabilities.get(name.toUpperCase());
  }

  /** Names and the words behind them, in the order sent. */
  [Symbol.iterator](): IterableIterator<[name: string, parameters: readonly string[]]> {
    return this.#capabilities.entries();
  }

  /** Whether the server says so, or has not said what it offers. */
  mayHave(name: string): boolean {
    return !this.isKnown || this.has(name);
  }

  /** SASL mechanisms in upper case. */
  get saslMechanisms(): readonly string[] {
    return (this.parameters('SASL') ?? []).map((name) => name.toUpperCase());
  }

  /** Least seconds between two logins, and whether that depends on the user; undefined when the server does not say. */
  get loginDelay(): { readonly seconds: number; readonly isPerUser: boolean } | undefined {
    const [word = '', ...rest] = this.parameters('LOGIN-DELAY') ?? [];
    const seconds = wholeNumber(word);
    return seconds === undefined ? undefined : { seconds, isPerUser: saysUser(rest) };
  }

  /**
   * Least days for which the server keeps a message: 0 when one may go once it was retrieved, infinite for `NEVER`.
   * Undefined when the server does not say.
   */
  get expire(): { readonly days: number; readonly isPerUser: boolean } | undefined {
    const [word = '', ...rest] = this.parameters('EXPIRE') ?? [];
    const days = word.toUpperCase() === 'NEVER' ? Number.POSITIVE_INFINITY : wholeNumber(word);
    return days === undefined ? undefined : { days, isPerUser: saysUser(rest) };
  }

  /** The name and version of the server. It may hold anything. */
  get implementation(): string | undefined {
    return this.parameters('IMPLEMENTATION')?.join(' ');
  }
}

function wholeNumber(word: string): number | undefined {
  return /^\d{1,9}$/.test(word) ? Number(word) : undefined;
}

function saysUser(words: readonly string[]): boolean {
  return words.some((word) => word.toUpperCase() === 'USER');
}
