import { findProvider, type ProviderClues } from './find-provider.ts';

/** Who we are, for servers that open no mailbox to clients that do not say so. */
const ID: Readonly<Record<string, string>> = { name: 'Posthorn', vendor: 'Posthorn', version: '1' };

/** What to tell a server in ID when the caller said nothing: something where it insists, else nothing. */
export function defaultId(clues: ProviderClues): Readonly<Record<string, string>> | undefined {
  return findProvider(clues)?.needsId === true ? ID : undefined;
}

/** What an account switches on where it is offered. */
const ENABLED: readonly string[] = ['IMAP4rev2', 'UTF8=ACCEPT', 'CONDSTORE', 'QRESYNC'];

/** The extensions to switch on for an account, without those that go wrong at its provider. */
export function defaultEnable(clues: ProviderClues): readonly string[] {
  const avoided = new Set(findProvider(clues)?.avoids);
  return ENABLED.filter((name) => !avoided.has(name));
}
