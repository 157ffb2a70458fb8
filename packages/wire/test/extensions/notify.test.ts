import { mailboxName } from '@posthorn/mailbox-name';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ExtensionCommand,
  extensionCommand,
  type NotifyEvent,
  readExtensionCommand,
} from '../../src/extensions.ts';
import { atom, fetchItem, mailbox } from '../arbitraries.ts';
import { expectExtension, readExtensionText } from '../round-trip.ts';

const SECTION = { part: [], text: 'HEADER.FIELDS' as const, fields: ['from', 'to', 'subject'] };

describe('NOTIFY', () => {
  it.each<[string, ExtensionCommand]>([
    ['NOTIFY NONE', { name: 'NOTIFY', groups: [] }],
    // RFC 5465 section 5.1
    [
      'notify set (mailboxes INBOX (Messagenew messageExpunge))',
      {
        name: 'NOTIFY',
        groups: [
          {
            filter: { type: 'mailboxes', mailboxes: [mailboxName('INBOX')] },
            events: [{ type: 'messageNew' }, { type: 'messageExpunge' }],
          },
        ],
      },
    ],
    [
      'notify set (selected (Messagenew (uid flags) messageExpunge))',
      {
        name: 'NOTIFY',
        groups: [
          {
            filter: { type: 'selected' },
            events: [{ type: 'messageNew', items: [{ type: 'uid' }, { type: 'flags' }] }, { type: 'messageExpunge' }],
          },
        ],
      },
    ],
    [
      'NOTIFY SET STATUS (SELECTED-DELAYED NONE) (personal (MailboxName SubscriptionChange XNEW)) (SUBTREE (a "b c") (FlagChange AnnotationChange)) (subtree-one x (MailboxMetadataChange ServerMetadataChange)) (INBOXES NONE) (SUBSCRIBED NONE)',
      {
        name: 'NOTIFY',
        tellsStatus: true,
        groups: [
          { filter: { type: 'selectedDelayed' }, events: [] },
          {
            filter: { type: 'personal' },
            events: [{ type: 'mailboxName' }, { type: 'subscriptionChange' }, { type: 'other', name: 'XNEW' }],
          },
          {
            filter: { type: 'subtree', mailboxes: [mailboxName('a'), mailboxName('b c')] },
            events: [{ type: 'flagChange' }, { type: 'annotationChange' }],
          },
          {
            filter: { type: 'subtreeOne', mailboxes: [mailboxName('x')] },
            events: [{ type: 'mailboxMetadataChange' }, { type: 'serverMetadataChange' }],
          },
          { filter: { type: 'inboxes' }, events: [] },
          { filter: { type: 'subscribed' }, events: [] },
        ],
      },
    ],
  ])('%s', (text, value) => expectExtension(text, value));

  it('takes events without parentheses, as RFC 5465 section 3.1 shows them', () => {
    const text =
      'notify set status (selected MessageNew (uid body.peek[header.fields (from to subject)]) MessageExpunge) (subtree Lists MessageNew)';
    expect(readExtensionText(text)).toEqual({
      name: 'NOTIFY',
      tellsStatus: true,
      groups: [
        {
          filter: { type: 'selected' },
          events: [
            { type: 'messageNew', items: [{ type: 'uid' }, { type: 'section', section: SECTION, peek: true }] },
            { type: 'messageExpunge' },
          ],
        },
        { filter: { type: 'subtree', mailboxes: [mailboxName('Lists')] }, events: [{ type: 'messageNew' }] },
      ],
      diagnostics: [
        { id: 'QUIRK_EVENTS_WITHOUT_LIST', offset: 21, message: 'events stand without parentheses' },
        { id: 'QUIRK_EVENTS_WITHOUT_LIST', offset: 112, message: 'events stand without parentheses' },
      ],
    });
  });

  it.each([
    'NOTIFY',
    'NOTIFY SET',
    'NOTIFY SET STATUS',
    'NOTIFY SET (NOSUCH NONE)',
    'NOTIFY SET (selected)',
    'NOTIFY SET (selected ())',
    'NOTIFY SET (mailboxes () NONE)',
    'NOTIFY SET (mailboxes NONE)',
    'NOTIFY SET (selected (MessageNew ()))',
    'NOTIFY SET (selected (MessageNew (NOSUCH[)))',
    'NOTIFY NONE (selected NONE)',
  ])('%s is malformed', (text) => {
    expect(readExtensionText(text)).toMatchObject({ type: 'malformed', name: 'NOTIFY' });
  });

  it('refuses what would not read the same', () => {
    const events: readonly (readonly NotifyEvent[])[] = [
      [{ type: 'other', name: 'none' }],
      [{ type: 'other', name: 'A)\r\nb LOGOUT' }],
      [{ type: 'messageNew', items: [] }],
      [{ type: 'toString' } as never],
    ];
    for (const each of events) {
      const command = { name: 'NOTIFY' as const, groups: [{ filter: { type: 'selected' as const }, events: each }] };
      expect(() => extensionCommand(command)).toThrow(RangeError);
    }
    for (const filter of [{ type: 'subtree', mailboxes: [] }, { type: 'constructor' }])
      expect(() => extensionCommand({ name: 'NOTIFY', groups: [{ filter: filter as never, events: [] }] })).toThrow(
        RangeError,
      );
  });

  it('reads as it was sent, for any groups', () => {
    const filter = fc.oneof(
      fc.constantFrom('selected', 'selectedDelayed', 'inboxes', 'personal', 'subscribed').map((type) => ({ type })),
      fc.record({
        type: fc.constantFrom('subtree', 'subtreeOne', 'mailboxes'),
        mailboxes: fc.array(mailbox, { minLength: 1, maxLength: 3 }),
      }),
    );
    const event = fc.oneof(
      fc.constantFrom('messageExpunge', 'flagChange', 'mailboxName').map((type) => ({ type })),
      fc.record(
        { type: fc.constant('messageNew'), items: fc.array(fetchItem, { minLength: 1, maxLength: 3 }) },
        { requiredKeys: ['type'] },
      ),
      fc.record({ type: fc.constant('other'), name: atom.map((name) => `X${name}`) }),
    );
    const command = fc.record(
      {
        name: fc.constant('NOTIFY'),
        groups: fc.array(fc.record({ filter, events: fc.array(event, { maxLength: 3 }) }), {
          minLength: 1,
          maxLength: 3,
        }),
        tellsStatus: fc.constant(true),
      },
      { requiredKeys: ['name', 'groups'] },
    ) as fc.Arbitrary<ExtensionCommand>;
    fc.assert(
      fc.property(command, (value) => {
        expect(readExtensionCommand(extensionCommand(value))).toEqual(value);
      }),
    );
  });
});
