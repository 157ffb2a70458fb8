/**
 * Real servers on loopback, each with its own folder and configuration, and the workspace's own command.
 * @module
 */
export { isMandatory, missingServer } from './availability.ts';
export { runCommand, startCommand } from './command.ts';
export { type Dovecot, type DovecotOptions, findDovecot, startDovecot } from './dovecot.ts';
