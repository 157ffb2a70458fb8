/**
 * Which commands may be in progress at the same time.
 * @see RFC 9051 section 5.5
 * @module
 */
import type { Command } from '@posthorn/wire';

/** What a command means for the commands around it. */
export interface CommandTraits {
  /** Runs alone: it changes the session's state, or what it does is not known. */
  readonly isExclusive: boolean;
  /** Its arguments are message sequence numbers. */
  readonly usesSequenceNumbers: boolean;
  /** The server may announce expunged messages while it runs, which moves sequence numbers. */
  readonly mayExpunge: boolean;
  /** Commands with the same key get answers that cannot be told apart. */
  readonly answerKey: string | undefined;
}

const EXCLUSIVE: CommandTraits = {
  isExclusive: true,
  usesSequenceNumbers: false,
  mayExpunge: true,
  answerKey: undefined,
};
const FREE: CommandTraits = { isExclusive: false, usesSequenceNumbers: false, mayExpunge: true, answerKey: undefined };
const BY_SEQUENCE: CommandTraits = {
  isExclusive: false,
  usesSequenceNumbers: true,
  mayExpunge: false,
  answerKey: undefined,
};

/** Commands of extensions that change nothing and are about no messages, with the kind of their answers. */
const QUESTIONS: ReadonlyMap<string, string> = new Map([
  ['CONVERSIONS', 'CONVERSION'],
  ['GETACL', 'ACL'],
  ['GETANNOTATION', 'ANNOTATION'],
  ['GETMETADATA', 'METADATA'],
  ['GETQUOTA', 'QUOTA'],
  ['GETQUOTAROOT', 'QUOTA'],
  ['LISTRIGHTS', 'LISTRIGHTS'],
  ['MYRIGHTS', 'MYRIGHTS'],
]);

export function traitsOf(command: Command): CommandTraits {
  switch (command.name) {
    case 'FETCH':
    case 'STORE':
      return command.messages.type === 'uids' ? FREE : BY_SEQUENCE;
    case 'COPY':
    case 'MOVE':
      return command.messages.type === 'uids' ? FREE : { ...BY_SEQUENCE, mayExpunge: true };
    case 'NOOP':
    case 'CHECK':
    case 'APPEND':
    case 'EXPUNGE':
    case 'SUBSCRIBE':
    case 'UNSUBSCRIBE':
    case 'CREATE':
    case 'DELETE':
    case 'RENAME':
      return FREE;
    case 'LIST':
      return hasExtras(command) ? EXCLUSIVE : { ...FREE, answerKey: 'LIST' };
    case 'LSUB':
    case 'CAPABILITY':
    case 'NAMESPACE':
    case 'ID':
      return { ...FREE, answerKey: command.name };
    case 'STATUS':
      return { ...FREE, answerKey: `STATUS ${command.mailbox.wire}` };
    case 'X': {
      const answerKey = QUESTIONS.get(command.command);
      return answerKey === undefined ? EXCLUSIVE : { ...FREE, answerKey };
    }
    default:
      return EXCLUSIVE;
  }
}

/** Whether a list is answered with more than lists, which other commands are answered with too. */
function hasExtras({
  statusItems,
  metadataEntries,
  return: wanted,
}: Extract<Command, { readonly name: 'LIST' }>): boolean {
  return statusItems !== undefined || metadataEntries !== undefined || wanted?.includes('MYRIGHTS') === true;
}

/** Whether a command may be sent while others are in progress. */
export function mayStart(traits: CommandTraits, inProgress: Iterable<CommandTraits>): boolean {
  for (const other of inProgress) {
    if (traits.isExclusive || other.isExclusive) return false;
    if (traits.usesSequenceNumbers && other.mayExpunge) return false;
    if (traits.answerKey !== undefined && traits.answerKey === other.answerKey) return false;
  }
  return true;
}
