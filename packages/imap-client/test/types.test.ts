import type {
  BodyStructure,
  Envelope,
  Flag,
  InternalDate,
  ModSeq,
  SequenceNumberSet,
  Uid,
  UidSet,
} from '@posthorn/core';
import type { Section } from '@posthorn/wire';
import { expectTypeOf, test } from 'vitest';
import type { FetchedBody, FetchedMessage, FetchQuery, SelectedMailbox } from '../src/index.ts';

declare const mailbox: SelectedMailbox;

/** Never run: only its types matter. */
async function queries(): Promise<void> {
  for await (const message of mailbox.fetch('1:*', {
    flags: true,
    envelope: true,
    internalDate: true,
    size: true,
    bodyStructure: true,
    modSeq: true,
  })) {
    expectTypeOf(message.uid).toEqualTypeOf<Uid>();
    expectTypeOf(message.flags).toEqualTypeOf<readonly Flag[]>();
    expectTypeOf(message.envelope).toEqualTypeOf<Envelope>();
    expectTypeOf(message.internalDate).toEqualTypeOf<InternalDate>();
    expectTypeOf(message.size).toEqualTypeOf<number>();
    expectTypeOf(message.bodyStructure).toEqualTypeOf<BodyStructure>();
    expectTypeOf(message.modSeq).toEqualTypeOf<ModSeq>();
    // @ts-expect-error what was not asked for is not there
    void message.body;
  }
  for await (const message of mailbox.fetch('1:*', { body: true })) {
    expectTypeOf(message.body).toEqualTypeOf<FetchedBody>();
    // @ts-expect-error what was not asked for is not there
    void message.flags;
  }
  for await (const message of mailbox.fetch('1:*', { body: { part: [1] } })) {
    expectTypeOf(message.body).toEqualTypeOf<FetchedBody | null>();
  }
  const section = { part: [1, 2], text: 'MIME' } as Section;
  for await (const message of mailbox.fetch('1:*', { body: section }))
    expectTypeOf(message.body).toEqualTypeOf<FetchedBody | null>();
  const sometimes: { flags?: true; size: true } = { size: true };
  for await (const message of mailbox.fetch('1:*', sometimes)) {
    expectTypeOf(message.flags).toEqualTypeOf<readonly Flag[] | undefined>();
    expectTypeOf(message.size).toEqualTypeOf<number>();
  }
  expectTypeOf<FetchedMessage<FetchQuery>['envelope']>().toEqualTypeOf<Envelope | undefined>();
}

/** Never run either. */
async function searches(uids: UidSet, numbers: SequenceNumberSet): Promise<void> {
  expectTypeOf(await mailbox.search({ type: 'all' })).toEqualTypeOf<UidSet>();
  expectTypeOf(
    await mailbox.search([
      { type: 'uid', uids },
      { type: 'sequence', numbers },
    ]),
  ).toEqualTypeOf<UidSet>();
  // @ts-expect-error sequence numbers are no UIDs
  void mailbox.search({ type: 'uid', uids: numbers });
  // @ts-expect-error there is no such query
  void mailbox.search({ type: 'subject', value: 'x' });
  // @ts-expect-error a query is no string
  void mailbox.search('ALL');
}

function sets(uids: UidSet, numbers: SequenceNumberSet): void {
  void mailbox.fetch(uids, {});
  void mailbox.fetch({ sequenceNumbers: numbers }, {});
  // @ts-expect-error sequence numbers are no UIDs
  void mailbox.fetch(numbers, {});
  // @ts-expect-error UIDs are no sequence numbers
  void mailbox.store({ sequenceNumbers: uids }, 'add', []);
  // @ts-expect-error there is no such item
  void mailbox.fetch(uids, { subject: true });
  void mailbox.move({ sequenceNumbers: numbers }, 'x');
}

test('types follow the query, and kinds of numbers do not mix (pain 18)', () => {
  expectTypeOf(queries).toBeFunction();
  expectTypeOf(searches).toBeFunction();
  expectTypeOf(sets).toBeFunction();
});
