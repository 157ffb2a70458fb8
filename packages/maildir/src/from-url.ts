import { type MailboxPath, StoreError, type StoreFactory, type StoreUrl } from '@posthorn/core';
import { openMaildir } from './maildir-store.ts';
import type { MaildirOptions } from './settings.ts';

type Option = (value: string) => Partial<MaildirOptions> | undefined;

const isYes = (value: string): boolean | undefined => (value === 'yes' ? true : value === 'no' ? false : undefined);
const wholeNumber = (value: string): number | undefined => (/^\d{1,15}$/.test(value) ? Number(value) : undefined);

/** What the options of a URL mean; undefined for a value that makes no sense. */
const OPTIONS: Readonly<Record<string, { readonly values: string; readonly read: Option }>> = {
  layout: {
    values: 'maildir++ or fs',
    read: (value) => {
      // A plus sign in a URL is often read as a space.
      const layout = value.replaceAll(' ', '+');
      return layout === 'maildir++' || layout === 'fs' ? { layout } : undefined;
    },
  },
  names: {
    values: 'utf-7 or utf-8',
    read: (value) => (value === 'utf-7' || value === 'utf-8' ? { nameEncoding: value } : undefined),
  },
  separator: {
    values: 'one of : ; !',
    read: (value) => (value === ':' || value === ';' || value === '!' ? { infoSeparator: value } : undefined),
  },
  index: {
    values: 'yes, no or a directory',
    read: (value) => (value === '' ? undefined : { index: isYes(value) ?? value }),
  },
  fsync: {
    values: 'yes or no',
    read: (value) => {
      const fsync = isYes(value);
      return fsync === undefined ? undefined : { fsync };
    },
  },
  acl: {
    values: 'yes or no',
    read: (value) => {
      const acl = isYes(value);
      return acl === undefined ? undefined : { acl };
    },
  },
  exempt: {
    values: 'names of mailboxes, with "/" between their parts and "," between them',
    read: (value) => {
      const exemptFromQuota = value.split(',').map((name) => name.split('/') as unknown as MailboxPath);
      return exemptFromQuota.every((path) => path.every((part) => part !== '')) ? { exemptFromQuota } : undefined;
    },
  },
  setquota: {
    values: 'yes or no',
    read: (value) => {
      const settableQuota = isYes(value);
      return settableQuota === undefined ? undefined : { settableQuota };
    },
  },
  storage: {
    values: 'a number of octets',
    read: (value) => {
      const storage = wholeNumber(value);
      return storage === undefined ? undefined : { quota: { storage } };
    },
  },
  messages: {
    values: 'a number',
    read: (value) => {
      const messages = wholeNumber(value);
      return messages === undefined ? undefined : { quota: { messages } };
    },
  },
};

/** What a URL says of a Maildir. */
export interface MaildirPlace {
  readonly root: string;
  readonly options: MaildirOptions;
}

/**
 * Reads what `maildir:DIR` or `maildir:///DIR` says. Options are `layout`, `names`, `separator`, `index`, `fsync`, `acl`,
 * the limits `storage` and `messages`, `exempt` from them, and `setquota`.
 * @throws {@link StoreError} `STORE_CANNOT`
 */
export function maildirPlace({ location, options }: StoreUrl): MaildirPlace {
  const root = location.replace(/^\/\/+/, '/');
  if (root === '') throw new StoreError('STORE_CANNOT', 'the URL names no directory: write maildir:DIR');
  const read = [...options].map(([name, value]) => {
    const option = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
    if (option === undefined) {
      throw new StoreError(
        'STORE_CANNOT',
        `a Maildir has no option "${name}"; there are ${Object.keys(OPTIONS).join(', ')}`,
      );
    }
    const meaning = option.read(value);
    if (meaning === undefined) throw new StoreError('STORE_CANNOT', `the option "${name}" takes ${option.values}`);
    return meaning;
  });
  const limits = read.map(({ quota }) => quota).filter((quota) => typeof quota === 'object');
  const quota = limits.length === 0 ? undefined : Object.assign({}, ...limits);
  return { root, options: Object.assign({}, ...read, { quota }) };
}

/** Opens the Maildir of a URL, for a `StoreRegistry`. @throws {@link StoreError} `STORE_CANNOT` */
export const maildirFromUrl: StoreFactory = (url, { accounts, logger }) => {
  const { root, options } = maildirPlace(url);
  return openMaildir(root, { ...options, accounts, logger });
};
