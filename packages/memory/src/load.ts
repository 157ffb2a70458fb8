/**
 * Fills an account from a folder on disk. For Node.
 * @module
 */
export { type LoadedMail, type LoadMailOptions, loadMail } from './load/load-mail.ts';
