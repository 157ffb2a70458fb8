import type { KnownCommand } from '../protocol/command-rules.ts';

/** The commands of these names, given as the wire groups them. */
export type CommandOf<Name extends KnownCommand['name']> = Extract<KnownCommand, { readonly name: Name }>;
