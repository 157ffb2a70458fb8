/**
 * A Maildir++ mail store that Dovecot and other programs can share.
 * @module
 */
export { type DeliverOptions, type Delivery, deliver } from './deliver.ts';
export type { FileWrite } from './disk/disk.ts';
export type { NameEncoding } from './format/folder-name.ts';
export type { AccountLimits } from './format/maildirsize.ts';
export { type MaildirPlace, maildirFromUrl, maildirPlace } from './from-url.ts';
export type { LayoutName } from './layout/layout.ts';
export { openMaildir } from './maildir-store.ts';
export type { InfoSeparator, MaildirOptions } from './settings.ts';
