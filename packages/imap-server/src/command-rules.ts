import type { Command, SearchCommand } from '@posthorn/wire';

/** @see RFC 9051 section 3 */
export type SessionState = 'notAuthenticated' | 'authenticated' | 'selected' | 'logout';

/** A command that is known here. */
export type KnownCommand =
  | Exclude<Command, { readonly name: 'X' | 'REPLACE' }>
  | Extract<SearchCommand, { readonly name: 'SEARCH' }>;

interface CommandRule {
  readonly states: readonly SessionState[];
  /** The capability the command belongs to. */
  readonly capability?: string;
}

const BEFORE_LOGIN: readonly SessionState[] = ['notAuthenticated'];
const AFTER_LOGIN: readonly SessionState[] = ['authenticated', 'selected'];
const ANY: readonly SessionState[] = ['notAuthenticated', ...AFTER_LOGIN];
const SELECTED: readonly SessionState[] = ['selected'];

const RULES: Readonly<Record<KnownCommand['name'], CommandRule>> = {
  CAPABILITY: { states: ANY },
  NOOP: { states: ANY },
  LOGOUT: { states: ANY },
  ID: { states: ANY, capability: 'ID' },
  STARTTLS: { states: BEFORE_LOGIN, capability: 'STARTTLS' },
  LOGIN: { states: BEFORE_LOGIN },
  AUTHENTICATE: { states: BEFORE_LOGIN },
  ENABLE: { states: AFTER_LOGIN, capability: 'ENABLE' },
  SELECT: { states: AFTER_LOGIN },
  EXAMINE: { states: AFTER_LOGIN },
  CREATE: { states: AFTER_LOGIN },
  DELETE: { states: AFTER_LOGIN },
  RENAME: { states: AFTER_LOGIN },
  SUBSCRIBE: { states: AFTER_LOGIN },
  UNSUBSCRIBE: { states: AFTER_LOGIN },
  LIST: { states: AFTER_LOGIN },
  LSUB: { states: AFTER_LOGIN },
  NAMESPACE: { states: AFTER_LOGIN, capability: 'NAMESPACE' },
  STATUS: { states: AFTER_LOGIN },
  APPEND: { states: AFTER_LOGIN },
  IDLE: { states: AFTER_LOGIN, capability: 'IDLE' },
  CLOSE: { states: SELECTED },
  UNSELECT: { states: SELECTED, capability: 'UNSELECT' },
  CHECK: { states: SELECTED },
  EXPUNGE: { states: SELECTED },
  FETCH: { states: SELECTED },
  SEARCH: { states: SELECTED },
  STORE: { states: SELECTED },
  COPY: { states: SELECTED },
  MOVE: { states: SELECTED, capability: 'MOVE' },
};

/** Why a command may not run now, or undefined when it may. */
export function refusalOf(
  { name }: Pick<KnownCommand, 'name'>,
  state: SessionState,
  isOffered: (capability: string) => boolean,
): string | undefined {
  const { states, capability } = RULES[name];
  if (capability !== undefined && !isOffered(capability)) return 'Unknown command';
  if (states.includes(state)) return undefined;
  if (state === 'notAuthenticated') return 'Log in first';
  return states === BEFORE_LOGIN ? 'You are logged in already' : 'Select a mailbox first';
}

/**
 * Whether EXPUNGE responses must wait until after a command, because it or its answer names messages by sequence number.
 * @see RFC 9051 section 7.5.1
 */
export function holdsExpunges(command: KnownCommand): boolean {
  if (command.name === 'SEARCH') return !command.isUid;
  return (command.name === 'FETCH' || command.name === 'STORE') && command.messages.type === 'sequenceNumbers';
}
