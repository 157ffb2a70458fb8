import { closeSync, constants, fstatSync, openSync, readFileSync, statSync } from 'node:fs';
import { type MailboxPath, StoreError } from '@posthorn/core';
import { isMissing } from '../disk/disk.ts';
import { pathKey } from '../format/folder-name.ts';
import {
  type AccountLimits,
  fits,
  formatLine,
  formatMaildirSize,
  INVALID,
  type MaildirSize,
  minus,
  NOTHING,
  parseLimits,
  parseMaildirSize,
  plus,
  sameLimits,
  type Usage,
} from '../format/maildirsize.ts';
import type { Settings } from '../settings.ts';
import type { AccountState } from './account-state.ts';
import { countUsage, lastChange } from './count-usage.ts';

const FILE = 'maildirsize';

/**
 * Keeps `maildirsize` of an account, which Dovecot and Courier keep too. Its limits are those of the settings, or those
 * the file has; without either there is no quota.
 */
export class QuotaKeeper {
  readonly #account: AccountState;

  constructor(account: AccountState) {
    this.#account = account;
  }

  get #path(): string {
    return `${this.#account.root}/${FILE}`;
  }

  /** Whether this account has a quota, or can be given one. */
  get isKept(): boolean {
    const { quota, settableQuota } = this.#account.settings;
    if (quota === false) return false;
    return settableQuota || quota !== undefined || statSync(this.#path, { throwIfNoEntry: false }) !== undefined;
  }

  /** Whether the messages of a mailbox count. */
  counts(path: MailboxPath): boolean {
    const { uncounted } = this.#account.settings;
    return uncounted.size === 0 || !uncounted.has(pathKey(path));
  }

  /** Limits and use, counted anew when messages came or went and the file does not tell. */
  async read(): Promise<MaildirSize> {
    const known = this.#readFile();
    return known !== undefined && this.#isCurrent() ? known : this.#recount();
  }

  /**
   * @param freed - What counts as free although it is not yet.
   * @throws {@link StoreError} `STORE_OVER_QUOTA` when there is no room for so much more.
   */
  async check(more: Usage, freed: Usage = NOTHING): Promise<void> {
    if (!this.isKept || more.messages <= 0) return;
    const after = (used: Usage): Usage => plus(plus(used, more), minus(freed));
    const known = this.#readFile();
    if (known !== undefined && fits(after(known.used), known.limits)) return;
    // Nobody is turned away because of what others forgot to write down.
    const isCounted = known !== undefined && known.lines === 1 && this.#isCurrent();
    const { used, limits } = isCounted ? known : await this.#recount();
    if (!fits(after(used), limits))
      throw new StoreError('STORE_OVER_QUOTA', 'the account has no room for that; delete messages first');
  }

  /** Runs a change that adds or removes messages, and writes down what `usage` says it did. */
  async record<Result>(change: () => Promise<Result>, usage: (result: Result) => Usage): Promise<Result> {
    const descriptor = openToAppend(this.#account.settings, this.#path);
    if (descriptor === undefined) return change();
    try {
      const result = await change();
      await this.#append(descriptor, usage(result));
      return result;
    } finally {
      closeSync(descriptor);
    }
  }

  /** Gives the account other limits. */
  async limit(limits: AccountLimits): Promise<void> {
    const { used, isStable } = await countUsage(this.#account);
    await this.#account.settings.disk.replace(this.#path, Buffer.from(formatMaildirSize(limits, used)));
    if (!isStable) await this.invalidate();
  }

  /** Makes whoever looks next count anew. */
  invalidate(): Promise<void> {
    return invalidateUsage(this.#account.settings, this.#account.root);
  }

  /** Mail is never refused because the file cannot be written: it is found out of date, and counted anew. */
  async #append(descriptor: number, usage: Usage): Promise<void> {
    const { disk, logger } = this.#account.settings;
    if (usage.storage === 0 && usage.messages === 0) return;
    try {
      await disk.write(descriptor, this.#path, Buffer.from(formatLine(usage)));
      const now = statSync(this.#path, { bigint: true, throwIfNoEntry: false });
      // Somebody counted meanwhile, with this change or without it.
      if (now !== undefined && now.ino !== fstatSync(descriptor, { bigint: true }).ino) await this.invalidate();
    } catch (error) {
      logger.warn('the quota could not be written down', { path: this.#path, reason: String(error) });
    }
  }

  /** What the file says, unless one has to count. */
  #readFile(): MaildirSize | undefined {
    const { quota, settableQuota } = this.#account.settings;
    const known = parseMaildirSize(this.#text());
    const isGiven = typeof quota === 'object' && !settableQuota;
    return known === undefined || !isGiven || sameLimits(known.limits, quota) ? known : undefined;
  }

  #limits(): AccountLimits {
    const { quota, settableQuota } = this.#account.settings;
    const given = typeof quota === 'object' ? quota : undefined;
    if (given !== undefined && !settableQuota) return given;
    return parseLimits(this.#text().split('\n', 1)[0]!) ?? given ?? {};
  }

  #text(): string {
    try {
      return readFileSync(this.#path, 'latin1');
    } catch (error) {
      if (isMissing(error)) return '';
      throw error;
    }
  }

  /**
   * Whether the file was written after everything else: who changes messages writes it last. In the same tick of the
   * clock nobody can tell.
   */
  #isCurrent(): boolean {
    const written = statSync(this.#path, { bigint: true, throwIfNoEntry: false })?.mtimeNs;
    return written !== undefined && written > lastChange(this.#account);
  }

  async #recount(): Promise<MaildirSize> {
    const { settings } = this.#account;
    const limits = this.#limits();
    const { used, isStable } = await countUsage(this.#account);
    if (isStable) {
      try {
        await settings.disk.replace(this.#path, Buffer.from(formatMaildirSize(limits, used)));
      } catch (error) {
        settings.logger.warn('the quota could not be written down', { path: this.#path, reason: String(error) });
      }
    }
    return { limits, used, lines: 1 };
  }
}

/** Makes whoever looks next count the use of an account anew. */
export async function invalidateUsage(settings: Settings, root: string): Promise<void> {
  const path = `${root}/${FILE}`;
  const descriptor = openToAppend(settings, path);
  if (descriptor === undefined) return;
  try {
    await settings.disk.write(descriptor, path, Buffer.from(formatLine(INVALID)));
  } catch (error) {
    settings.logger.warn('the quota could not be written down', { path, reason: String(error) });
  } finally {
    closeSync(descriptor);
  }
}

/** Undefined when nobody keeps the file. */
function openToAppend({ quota, logger }: Settings, path: string): number | undefined {
  // Most accounts have none; asking is ten times cheaper than failing to open it.
  if (quota === false || statSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
  try {
    return openSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_NOFOLLOW);
  } catch (error) {
    if (!isMissing(error)) logger.warn('the quota cannot be written down', { path, reason: String(error) });
    return undefined;
  }
}
