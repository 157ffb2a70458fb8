import type { MailboxId, Uid } from '@posthorn/core';
import type { ExtensionCode, ResponseCode } from '@posthorn/wire';
import { compact, type Values } from '../values.ts';

/** A code of a status response. */
export function responseCode(values: Values): ResponseCode {
  return values.random.pick(values.random.once(2) ? CODES : EXTENSION_CODES)(values);
}

const CODES: readonly ((values: Values) => ResponseCode)[] = [
  (values) => compact({ type: 'atom', name: 'X-CODE', value: values.maybe(() => values.atom()) }),
  (values) => ({ type: 'atom', name: values.random.pick(['ALERT', 'TRYCREATE', 'READ-ONLY', 'OVERQUOTA']) }),
  (values) => ({ type: 'capability', capabilities: values.some(() => values.atom(), 1) }),
  (values) => ({
    type: 'permanentFlags',
    flags: values.some(() => values.flag()),
    allowsNewKeywords: values.random.once(2),
  }),
  (values) => ({ type: 'uidNext', uidNext: values.id() }),
  (values) => ({ type: 'uidValidity', uidValidity: values.uidValidity() }),
  (values) => ({ type: 'unseen', first: values.sequenceNumber() }),
  (values) => ({ type: 'highestModSeq', modSeq: values.modSeq() }),
  (values) => ({ type: 'appendUid', uidValidity: values.uidValidity(), uids: values.sequenceSet(false) }),
  (values) => ({
    type: 'copyUid',
    uidValidity: values.uidValidity(),
    from: values.sequenceSet(false),
    to: values.sequenceSet(false),
  }),
  (values) => ({ type: 'modified', set: values.sequenceSet<Uid>(false) }),
];

const URLS = ['imap://example.org/', 'imap://u;AUTH=*@example.org/a%20b', 'imap://h/x;UID=1/;SECTION=1.2'];

const EXTENSION_CODES: readonly ((values: Values) => ExtensionCode)[] = [
  () => ({ type: 'mailboxId', mailboxId: 'F2212ea87-6097-4256-9d51-71338625' as MailboxId }),
  (values) => ({ type: 'referral', urls: values.some(() => values.random.pick(URLS), 1) }),
  (values) => ({ type: 'badUrl', url: values.random.pick(URLS) }),
  (values) => ({ type: 'annotate', reason: values.random.pick(['TOOBIG', 'TOOMANY'] as const) }),
  () => ({ type: 'annotations', maxSize: 'NONE' }),
  (values) =>
    compact({
      type: 'annotations',
      maxSize: values.random.pick(['READ-ONLY', 1024] as const),
      isWithoutPrivate: values.maybe(() => true),
    }),
  (values) => ({
    type: 'metadata',
    reason: values.random.pick(['LONGENTRIES', 'MAXSIZE'] as const),
    octets: values.size(),
  }),
  (values) => ({ type: 'metadata', reason: values.random.pick(['TOOMANY', 'NOPRIVATE'] as const) }),
  (values) => ({ type: 'noUpdate', tag: values.random.pick(['A1', 'b.2']) }),
  (values) => ({ type: 'badEvent', events: values.some(() => values.random.pick(['MessageNew', 'FlagChange']), 1) }),
  (values) => ({ type: 'undefinedFilter', name: values.atom() }),
  (values) => ({ type: values.random.pick(['maxConvertMessages', 'maxConvertParts'] as const), limit: values.id() }),
  (values) => ({
    type: 'inProgress',
    tag: values.random.pick([null, 'A1']),
    done: values.random.once(2) ? null : values.random.number(32),
    goal: values.random.once(2) ? null : values.id(),
  }),
  (values) => compact({ type: 'messageLimit', limit: values.id(), lowestUid: values.maybe(() => values.uid()) }),
];
