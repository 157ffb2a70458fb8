/**
 * Real servers on loopback, each with its own folder and configuration, our own server, and the built command.
 * @module
 */
export { isMandatory, missingServer } from './availability.ts';
export { type CommandResult, resultOf, runCommand, startCommand } from './command.ts';
export { type Dovecot, type DovecotOptions, startDovecot } from './dovecot.ts';
export { dovecotPop3, findDovecotPop3 } from './dovecot-maildrop.ts';
export { type DovecotPop3, hasDovecotPop3, startDovecotPop3 } from './dovecot-pop3.ts';
export { type ImapAccount, startImapAccount } from './imap-account.ts';
export { type MaildirTree, maildirTree } from './maildir-tree.ts';
export { type OwnServer, type OwnServerOptions, startOwnServer } from './own-server.ts';
export { type Pop3Maildrop, pop3Mail, startPop3Maildrop } from './pop3-maildrop.ts';
export { canRunPrivately } from './private-server/availability.ts';
export { startCourier } from './private-server/courier.ts';
export { startCyrus } from './private-server/cyrus.ts';
export type { PrivateServer, PrivateServerOptions } from './private-server/server.ts';
export { type RawImap, rawImap } from './raw-imap.ts';
export { findDovecot } from './run-dovecot.ts';
export { findPython, type ProgramResult, runProgram } from './run-program.ts';
export { checkpoint } from './shared-maildir/checkpoint.ts';
export { dovecotParty } from './shared-maildir/dovecot-party.ts';
export { SharedLedger } from './shared-maildir/ledger.ts';
export { type Party, sharedMessage } from './shared-maildir/party.ts';
export { storeParty } from './shared-maildir/store-party.ts';
export { KINDS_OF_WORK, MOVING, workUntil } from './shared-maildir/work.ts';
