import type { NamespaceData, NamespaceEntry } from '@posthorn/wire';
import type { Connection } from '../connection/connection.ts';
import { ImapError } from '../errors.ts';

/** Prefixes of mailbox names, each with what separates the parts behind it. */
export interface Namespaces {
  readonly personal: readonly NamespaceEntry[];
  readonly otherUsers: readonly NamespaceEntry[];
  readonly shared: readonly NamespaceEntry[];
}

/** What a server tells about itself, such as `name` and `version`; null when it keeps that to itself. */
export type ServerId = ReadonlyMap<string, string | null> | null;

/** NAMESPACE. */
export async function readNamespaces(connection: Connection, signal: AbortSignal | undefined): Promise<Namespaces> {
  let found: NamespaceData | undefined;
  await connection.run(
    { name: 'NAMESPACE' },
    {
      signal,
      accept: (event) => {
        if (event.type !== 'namespace') return false;
        found = event;
        return true;
      },
    },
  );
  if (found === undefined) throw new ImapError('IMAP_PROTOCOL', 'the server answered NAMESPACE without data');
  const { personal, otherUsers, shared } = found;
  return { personal, otherUsers, shared };
}

/** ID. */
export async function sendId(
  connection: Connection,
  parameters: Readonly<Record<string, string | null>> | null,
  signal: AbortSignal | undefined,
): Promise<ServerId> {
  let id: ServerId = null;
  await connection.run(
    { name: 'ID', parameters: parameters === null ? null : new Map(Object.entries(parameters)) },
    {
      signal,
      accept: (event) => {
        if (event.type !== 'id') return false;
        id = event.parameters;
        return true;
      },
    },
  );
  return id;
}
