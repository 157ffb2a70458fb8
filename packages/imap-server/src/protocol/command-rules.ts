import type { Command, MessageSelector } from '@posthorn/wire';
import type { ExtensionCommand, SearchKey } from '@posthorn/wire/extensions';

/** @see RFC 9051 section 3 */
export type SessionState = 'notAuthenticated' | 'authenticated' | 'selected' | 'logout';

type KnownExtension =
  | 'SEARCH'
  | 'SORT'
  | 'THREAD'
  | 'ESEARCH'
  | 'CANCELUPDATE'
  | 'COMPRESS'
  | 'NOTIFY'
  | 'UNAUTHENTICATE'
  | 'GETQUOTA'
  | 'GETQUOTAROOT'
  | 'SETQUOTA'
  | 'GETMETADATA'
  | 'SETMETADATA'
  | 'GETACL'
  | 'SETACL'
  | 'DELETEACL'
  | 'LISTRIGHTS'
  | 'MYRIGHTS';

/** A command that is known here. */
export type KnownCommand =
  | Exclude<Command, { readonly name: 'X' }>
  | Extract<ExtensionCommand, { readonly name: KnownExtension }>;

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
  NOTIFY: { states: AFTER_LOGIN, capability: 'NOTIFY' },
  COMPRESS: { states: AFTER_LOGIN, capability: 'COMPRESS' },
  GETQUOTA: { states: AFTER_LOGIN, capability: 'QUOTA' },
  GETQUOTAROOT: { states: AFTER_LOGIN, capability: 'QUOTA' },
  SETQUOTA: { states: AFTER_LOGIN, capability: 'QUOTA' },
  GETMETADATA: { states: AFTER_LOGIN, capability: 'METADATA' },
  SETMETADATA: { states: AFTER_LOGIN, capability: 'METADATA' },
  GETACL: { states: AFTER_LOGIN, capability: 'ACL' },
  SETACL: { states: AFTER_LOGIN, capability: 'ACL' },
  DELETEACL: { states: AFTER_LOGIN, capability: 'ACL' },
  LISTRIGHTS: { states: AFTER_LOGIN, capability: 'ACL' },
  MYRIGHTS: { states: AFTER_LOGIN, capability: 'ACL' },
  UNAUTHENTICATE: { states: AFTER_LOGIN, capability: 'UNAUTHENTICATE' },
  CLOSE: { states: SELECTED },
  UNSELECT: { states: SELECTED, capability: 'UNSELECT' },
  CHECK: { states: SELECTED },
  EXPUNGE: { states: SELECTED },
  FETCH: { states: SELECTED },
  SEARCH: { states: SELECTED },
  SORT: { states: SELECTED, capability: 'SORT' },
  THREAD: { states: SELECTED, capability: 'THREAD' },
  ESEARCH: { states: AFTER_LOGIN, capability: 'MULTISEARCH' },
  CANCELUPDATE: { states: SELECTED, capability: 'CONTEXT' },
  STORE: { states: SELECTED },
  REPLACE: { states: SELECTED, capability: 'REPLACE' },
  COPY: { states: SELECTED },
  MOVE: { states: SELECTED, capability: 'MOVE' },
};

/** Whether a command of an extension is known here. */
export function isKnown(command: ExtensionCommand): command is Extract<KnownCommand, ExtensionCommand> {
  return command.name in RULES;
}

/** As much of a command as its rules ask for. */
type RefusableCommand = Pick<KnownCommand, 'name'> & { readonly messages?: unknown; readonly uids?: unknown };

function namesSaved({ messages, uids }: RefusableCommand): boolean {
  return (messages as Partial<MessageSelector> | undefined)?.type === 'saved' || uids === '$';
}

/** Why a command may not run now, or undefined when it may. */
export function refusalOf(
  command: RefusableCommand,
  state: SessionState,
  isOffered: (capability: string) => boolean,
): string | undefined {
  const { states, capability } = RULES[command.name];
  if (capability !== undefined && !isOffered(capability)) return 'Unknown command';
  if (states.includes(state))
    return namesSaved(command) && !isOffered('SEARCHRES') ? 'Searches are not saved' : undefined;
  if (state === 'notAuthenticated') return 'Log in first';
  return states === BEFORE_LOGIN ? 'You are logged in already' : 'Select a mailbox first';
}

/**
 * Whether EXPUNGE responses must wait until after a command, because it or its answer names messages by sequence number.
 * @see RFC 9051 section 7.5.1
 */
export function holdsExpunges(command: KnownCommand): boolean {
  if (command.name === 'SEARCH' || command.name === 'SORT' || command.name === 'THREAD')
    return !command.isUid || usesKey(command.key, ({ type }) => type === 'sequenceNumbers');
  return (command.name === 'FETCH' || command.name === 'STORE') && !namesUids(command.messages);
}

/** Whether a command is the UID form of itself. */
export function namesUids(messages: MessageSelector): boolean {
  return messages.type === 'uids' || (messages.type === 'saved' && messages.isUid);
}

/** Whether one of the keys of a search is of a kind. */
export function usesKey(key: SearchKey, isMeant: (key: SearchKey) => boolean): boolean {
  switch (key.type) {
    case 'and':
      return key.keys.some((each) => usesKey(each, isMeant));
    case 'or':
      return usesKey(key.left, isMeant) || usesKey(key.right, isMeant);
    case 'not':
    case 'fuzzy':
      return usesKey(key.key, isMeant);
    default:
      return isMeant(key);
  }
}

/** Whether a command names messages by sequence number, which UIDONLY forbids. @see RFC 9586 section 3.1 */
export function usesSequenceNumbers(command: KnownCommand): boolean {
  switch (command.name) {
    case 'FETCH':
    case 'STORE':
    case 'COPY':
    case 'MOVE':
      return !namesUids(command.messages);
    case 'SEARCH':
    case 'SORT':
    case 'THREAD':
      return !command.isUid || usesKey(command.key, ({ type }) => type === 'sequenceNumbers');
    case 'ESEARCH':
      return usesKey(command.key, ({ type }) => type === 'sequenceNumbers');
    case 'REPLACE':
      return command.replaces.type === 'sequenceNumber';
    case 'SELECT':
    case 'EXAMINE':
      return command.qresync?.match !== undefined;
    default:
      return false;
  }
}
