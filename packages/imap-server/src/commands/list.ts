import { type MailboxInfo, utf8Bytes } from '@posthorn/core';
import type { MailboxName } from '@posthorn/mailbox-name';
import type { ListData, StatusItem } from '@posthorn/wire';
import { type ListedMailbox, missingNames, selectMailboxes, selectSubscribed } from '../mailboxes/list-mailboxes.ts';
import { DELIMITER, nameOf } from '../mailboxes/names.ts';
import { storeErrorCode } from '../replies/error-replies.ts';
import { bad, type Completion, no, ok } from '../replies/replies.ts';
import type { Session } from '../session/session.ts';
import { tellMyRights } from './acl.ts';
import type { CommandOf } from './command-of.ts';
import { enableCondstore } from './enable.ts';
import { allMailboxes } from './mailboxes.ts';
import { listedMetadata } from './metadata.ts';
import { statusItems } from './status.ts';

const SELECT_OPTIONS: readonly string[] = ['SUBSCRIBED', 'REMOTE', 'RECURSIVEMATCH', 'SPECIAL-USE'];
const RETURN_OPTIONS: readonly string[] = ['SUBSCRIBED', 'CHILDREN', 'SPECIAL-USE', 'MYRIGHTS'];

/** Longest that patterns may be together: each name is compared with each of their characters. */
const MAX_PATTERN_LENGTH = 4096;

/** @see RFC 9051 section 6.3.9, RFC 5258, RFC 5819, RFC 6154 */
export async function list(session: Session, command: CommandOf<'LIST'>): Promise<Completion> {
  const { reference, patterns, select = [], return: returned = [], statusItems: items, metadataEntries } = command;
  const unknown =
    select.find((option) => !SELECT_OPTIONS.includes(option)) ??
    returned.find((option) => !RETURN_OPTIONS.includes(option));
  if (unknown !== undefined) return bad(`There is no LIST option ${unknown}`);
  const { protocol } = session;
  if (returned.includes('MYRIGHTS') && !protocol.isOffered('LIST-MYRIGHTS'))
    return bad('There is no LIST option MYRIGHTS');
  const recursiveMatch = select.includes('RECURSIVEMATCH');
  if (recursiveMatch && !select.includes('SUBSCRIBED') && !select.includes('SPECIAL-USE')) {
    return bad('RECURSIVEMATCH needs something to match');
  }
  if (isProbe(command)) {
    session.output.send({
      type: 'list',
      attributes: ['\\Noselect'],
      delimiter: DELIMITER,
      mailbox: { text: '', wire: '' },
    });
    return ok('Done');
  }
  const tests = patterns.map((pattern) => spelled(session, reference) + spelled(session, pattern));
  if (isTooLong(tests)) return no('The patterns are too long', 'LIMIT');
  if (items?.includes('HIGHESTMODSEQ')) enableCondstore(session);
  const onlySubscribed = select.includes('SUBSCRIBED');
  const infos = await allMailboxes(session);
  const query = {
    patterns: tests,
    onlySubscribed,
    onlySpecialUse: select.includes('SPECIAL-USE'),
    recursiveMatch,
    returnSubscribed: returned.includes('SUBSCRIBED'),
    isExtended: isExtended(command),
  };
  const listed = selectMailboxes(infos, query, onlySubscribed ? await missing(session, infos) : []);
  for (const each of listed) {
    await answer(session, 'list', each, items);
    await answerMore(session, each, { tellsRights: returned.includes('MYRIGHTS'), metadataEntries });
  }
  return ok('Done');
}

/** @see RFC 3501 section 6.3.9 */
export async function lsub(session: Session, { reference, pattern }: CommandOf<'LSUB'>): Promise<Completion> {
  const test = spelled(session, reference) + spelled(session, pattern);
  if (isTooLong([test])) return no('The pattern is too long', 'LIMIT');
  const infos = await allMailboxes(session);
  const all = [...infos, ...(await missing(session, infos))];
  for (const each of selectSubscribed(all, test)) await answer(session, 'lsub', each);
  return ok('Done');
}

async function missing(session: Session, infos: readonly MailboxInfo[]): Promise<readonly MailboxInfo[]> {
  const subscriptions = await session.openAccount().subscriptions?.({ signal: session.signal });
  return subscriptions === undefined ? [] : missingNames(infos, subscriptions);
}

/** A pattern as it is compared with decoded names. */
function spelled({ modes }: Session, { text, wire }: MailboxName): string {
  return modes.utf8 ? wire : text;
}

function isTooLong(patterns: readonly string[]): boolean {
  return patterns.reduce((length, pattern) => length + pattern.length + 1, 0) > MAX_PATTERN_LENGTH;
}

/** `LIST "" ""` asks for the delimiter alone. */
function isProbe(command: CommandOf<'LIST'>): boolean {
  return !isExtended(command) && command.patterns[0]?.wire === '';
}

function isExtended({ patterns, select, return: returned, statusItems: items }: CommandOf<'LIST'>): boolean {
  return select !== undefined || returned !== undefined || items !== undefined || patterns.length > 1;
}

async function answer(
  session: Session,
  type: 'list' | 'lsub',
  { info, attributes, childInfo }: ListedMailbox,
  items?: readonly StatusItem[],
): Promise<void> {
  const mailbox = nameOf(info.path, session.modes);
  const answered: ListData = { type, attributes, delimiter: DELIMITER, mailbox };
  const criteria = childInfo.map((name) => `"${name}"`).join(' ');
  const extended = [{ name: 'CHILDINFO', raw: utf8Bytes(`(${criteria})`) }];
  await session.send([criteria === '' ? answered : { ...answered, extended }]);
  if (items !== undefined && info.isSelectable) await answerStatus(session, info.path, mailbox, items);
}

/** Rights and annotations of a mailbox; one that went away in the meantime has none. @see RFC 8440, RFC 9590 */
async function answerMore(
  session: Session,
  { info }: ListedMailbox,
  asked: { readonly tellsRights: boolean; readonly metadataEntries: readonly string[] | undefined },
): Promise<void> {
  if (!info.isSelectable) return;
  const mailbox = nameOf(info.path, session.modes);
  try {
    if (asked.tellsRights) await tellMyRights(session, info.path, mailbox);
    if (asked.metadataEntries !== undefined) await listedMetadata(session, info.path, mailbox, asked.metadataEntries);
  } catch (error) {
    if (storeErrorCode(error) === undefined) throw error;
  }
}

/** A mailbox that went away in the meantime has no status. @see RFC 5819 section 2 */
async function answerStatus(
  session: Session,
  path: Parameters<typeof nameOf>[0],
  mailbox: MailboxName,
  items: readonly StatusItem[],
): Promise<void> {
  try {
    const figures = await statusItems(session, path, items);
    await session.send([{ type: 'mailboxStatus', mailbox, items: figures }]);
  } catch (error) {
    if (storeErrorCode(error) === undefined) throw error;
  }
}
