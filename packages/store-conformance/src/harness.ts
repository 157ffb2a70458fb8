import type { Account, AccountId, Mailbox, MailStore, StoreTraits } from '@posthorn/core';

/** A store for one test, at a place that nothing else uses. */
export interface OpenedStore {
  readonly store: MailStore;
  /** An account that is empty. */
  readonly account: AccountId;
  /** Another empty account, when the store can hold more than one: for the tests of isolation. */
  readonly otherAccount?: AccountId | undefined;
  /** Closes the store and opens the same place anew, as after a restart. Left out when nothing outlives the store. */
  readonly reopen?: (() => Promise<MailStore>) | undefined;
  /**
   * Sets what the store calls before each of its writes, for the tests of failing disks and of crashes: what it throws,
   * the write fails with. Left out when the store cannot tell.
   */
  readonly onWrite?: ((hook: (() => void) | undefined) => void) | undefined;
  /** Called once after the test: closes what is open and removes the place. */
  cleanup(): Promise<void>;
}

export interface StoreConformanceOptions {
  /** The store's name, for the report. */
  readonly name: string;
  /** Called for each test. */
  readonly open: () => Promise<OpenedStore>;
  /** `describe` of the test runner: vitest, node:test, jest and mocha all have one. */
  readonly describe: (name: string, body: () => void) => unknown;
  /** `it` of the test runner. */
  readonly it: (name: string, body: () => Promise<void>) => unknown;
  /** What the store promises, in place of its `traits`. */
  readonly traits?: Partial<StoreTraits> | undefined;
  /** Runs of each property: random histories, random octets. @defaultValue 25 */
  readonly propertyRuns?: number | undefined;
  /** Messages in the test of large sets. @defaultValue 1_000 */
  readonly bulkMessages?: number | undefined;
}

/** What a test works with. */
export interface Context {
  readonly opened: OpenedStore;
  readonly store: MailStore;
  readonly traits: StoreTraits;
  readonly account: Account;
  readonly inbox: Mailbox;
  /** A second handle on the same account, as another session would hold. */
  another(): Promise<Account>;
  /** Runs a part of the test on a store of its own. */
  elsewhere(body: (context: Context) => Promise<void>): Promise<void>;
}

/** Defines one test. */
export type Test = (name: string, body: (context: Context) => Promise<void>) => void;

/** How much work the tests are to do. */
export interface Effort {
  readonly propertyRuns: number;
  readonly bulkMessages: number;
}

/** A group of tests about one promise. */
export type Section = (test: Test, effort: Effort) => void;

/** Opens a store for one test and cleans up after it; a failure of the test wins over one of the cleaning. */
export async function runTest(
  options: StoreConformanceOptions,
  body: (context: Context) => Promise<void>,
): Promise<void> {
  const opened = await options.open();
  try {
    await body(await contextOf(opened, options));
  } catch (error) {
    await opened.cleanup().catch(() => {});
    throw error;
  }
  await opened.cleanup();
}

async function contextOf(opened: OpenedStore, options: StoreConformanceOptions): Promise<Context> {
  const { store, account: id } = opened;
  const account = await store.open(id);
  return {
    opened,
    store,
    traits: { ...store.traits, ...options.traits },
    account,
    inbox: await account.mailbox(['INBOX']),
    another: () => store.open(id),
    elsewhere: (body) => runTest(options, body),
  };
}
