import { extensionCommand } from '@posthorn/wire/extensions';
import { ImapError, ServerRefusedError } from '../errors.ts';
import { sendId } from '../mailboxes/namespaces.ts';
import { type Auth, authenticate } from './authenticate.ts';
import type { Connection } from './connection.ts';

/** What to make of a connection before its first use. */
export interface SessionSettings {
  readonly compress?: boolean | undefined;
  readonly enable?: readonly string[] | undefined;
  readonly id?: Readonly<Record<string, string | null>> | undefined;
  readonly allowInsecureAuth?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a connection switches on by itself where it is offered. */
const ENABLED_BY_DEFAULT: readonly string[] = ['IMAP4rev2', 'UTF8=ACCEPT', 'CONDSTORE'];

/** Makes the best of what the server offers. What it refuses is done without. */
export async function prepareSession(
  connection: Connection,
  { compress = true, enable = ENABLED_BY_DEFAULT, id, signal }: SessionSettings,
): Promise<void> {
  const has = (capability: string): boolean => connection.protocol.capabilities?.has(capability) === true;
  const steps: Promise<unknown>[] = [];
  const extensions = has('ENABLE') ? enable.filter(has) : [];
  if (compress && has('COMPRESS=DEFLATE'))
    steps.push(connection.run(extensionCommand({ name: 'COMPRESS', algorithm: 'DEFLATE' }), { signal }));
  if (extensions.length > 0) steps.push(enableExtensions(connection, extensions, signal));
  if (id !== undefined && has('ID')) steps.push(sendId(connection, id, signal));
  await Promise.all(steps.map((step) => step.catch(ignoreRefusal)));
}

/** Logs in on a connection that was logged out. */
export async function logInAgain(connection: Connection, auth: Auth, settings: SessionSettings): Promise<void> {
  const { allowInsecureAuth = false, signal } = settings;
  await learnCapabilities(connection, signal);
  await authenticate(connection, { auth, allowInsecureAuth, signal });
  await learnCapabilities(connection, signal);
  await prepareSession(connection, settings);
}

/** Asks what the server offers, unless it has told. */
export async function learnCapabilities(connection: Connection, signal: AbortSignal | undefined): Promise<void> {
  if (connection.protocol.capabilities !== undefined) return;
  await connection.run({ name: 'CAPABILITY' }, { signal, accept: ({ type }) => type === 'capability' });
  if (connection.protocol.capabilities === undefined)
    throw new ImapError('IMAP_PROTOCOL', 'the server does not tell its capabilities');
}

/** ENABLE. @returns what the server switched on @see RFC 5161 */
export async function enableExtensions(
  connection: Connection,
  capabilities: readonly string[],
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const enabled: string[] = [];
  await connection.run(
    { name: 'ENABLE', capabilities },
    {
      signal,
      accept: (event) => {
        if (event.type !== 'enabled') return false;
        for (const capability of event.capabilities) enabled.push(capability);
        return true;
      },
    },
  );
  return enabled;
}

function ignoreRefusal(error: unknown): void {
  if (!(error instanceof ServerRefusedError)) throw error;
}
