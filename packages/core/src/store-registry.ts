import type { Logger } from './logger.ts';
import { StoreError } from './mail-error.ts';
import type { MailStore } from './mail-store.ts';
import { parseStoreUrl, type StoreUrl } from './store-url.ts';

/** What whoever opens a store by its URL wants, whichever kind of store it is. */
export interface StoreOpening {
  /**
   * `single`: whichever account is opened is the one at the URL. `per-user`: each user has an account of their own there.
   * @defaultValue `single`
   */
  readonly accounts?: 'single' | 'per-user' | undefined;
  readonly logger?: Logger | undefined;
}

/**
 * Makes the store of a URL. It may import its package only now.
 * @throws {@link StoreError} `STORE_CANNOT` for a location or an option that makes no sense to it
 */
export type StoreFactory = (url: StoreUrl, opening: StoreOpening) => MailStore | Promise<MailStore>;

/** Kinds of stores by the schemes of their URLs. A program has one, and whoever writes a store adds theirs. */
export class StoreRegistry {
  readonly #factories = new Map<string, StoreFactory>();

  /** The schemes known, in the order they were registered. */
  get schemes(): readonly string[] {
    return [...this.#factories.keys()];
  }

  has(scheme: string): boolean {
    return this.#factories.has(scheme.toLowerCase());
  }

  /**
   * Adds a kind of store.
   * @throws TypeError for what is no scheme (RFC 3986 section 3.1), or one that is taken
   */
  register(scheme: string, factory: StoreFactory): this {
    const name = scheme.toLowerCase();
    if (!/^[a-z][a-z0-9+.-]*$/.test(name)) throw new TypeError(`"${scheme}" is no scheme of a URL`);
    if (this.#factories.has(name)) throw new TypeError(`stores of the scheme "${name}" are registered already`);
    this.#factories.set(name, factory);
    return this;
  }

  /** Makes the store of a URL such as `maildir:///var/mail/alice?layout=fs`. @throws {@link StoreError} `STORE_CANNOT` */
  async open(url: string | StoreUrl, opening: StoreOpening = {}): Promise<MailStore> {
    const parsed = typeof url === 'string' ? parseStoreUrl(url) : url;
    const factory = this.#factories.get(parsed.scheme);
    if (factory !== undefined) return factory(parsed, opening);
    throw new StoreError(
      'STORE_CANNOT',
      `no store of the scheme "${parsed.scheme}" is known; there are ${this.schemes.join(', ') || 'none'}`,
    );
  }
}
