import type {
  BodyStructure,
  Envelope,
  Flag,
  InternalDate,
  ModSeq,
  SequenceNumber,
  SequenceNumberSet,
  ThreadId,
  Uid,
  UidSet,
} from '@posthorn/core';
import type { Section } from '@posthorn/wire';
import { expectTypeOf, test } from 'vitest';
import {
  FETCH_FULL,
  type FetchedBody,
  type FetchedMessage,
  type FetchQuery,
  type MessageThread,
  type SelectedMailbox,
} from '../src/index.ts';

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
    expectTypeOf(message.sequenceNumber).toEqualTypeOf<SequenceNumber | undefined>();
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
  for await (const message of mailbox.fetch('1:*', {
    bodyStructure: 'basic',
    threadId: true,
    preview: 'lazy',
    sections: { head: { text: 'HEADER' }, second: { part: [2], decoded: true } },
  })) {
    expectTypeOf(message.bodyStructure).toEqualTypeOf<BodyStructure>();
    expectTypeOf(message.threadId).toEqualTypeOf<ThreadId | null>();
    expectTypeOf(message.preview).toEqualTypeOf<string | null>();
    expectTypeOf(message.sections.head).toEqualTypeOf<Uint8Array | null>();
    // @ts-expect-error there is no section of this name
    void message.sections.third;
  }
  for await (const message of mailbox.fetch('1:*', FETCH_FULL)) {
    expectTypeOf(message.envelope).toEqualTypeOf<Envelope>();
    expectTypeOf(message.size).toEqualTypeOf<number>();
  }
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
  expectTypeOf(await mailbox.search({ type: 'all' }, { by: 'sequenceNumbers' })).toEqualTypeOf<SequenceNumberSet>();
  expectTypeOf(await mailbox.sort(['DATE'], { type: 'all' })).toEqualTypeOf<readonly Uid[]>();
  const bySequence = { by: 'sequenceNumbers' } as const;
  expectTypeOf(await mailbox.sort(['DATE'], { type: 'all' }, bySequence)).toEqualTypeOf<readonly SequenceNumber[]>();
  const threads = await mailbox.thread('REFERENCES', { type: 'all' });
  expectTypeOf(threads).toEqualTypeOf<readonly MessageThread<Uid>[]>();
  const figures = await mailbox.searchFor({ type: 'all' }, { count: true, min: true }, bySequence);
  expectTypeOf(figures.count).toEqualTypeOf<number>();
  expectTypeOf(figures.min).toEqualTypeOf<SequenceNumber | undefined>();
  // @ts-expect-error what was not asked for is not there
  void figures.all;
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
  void mailbox.move({ sequenceNumbers: numbers }, 'x');
  void mailbox.copy({ sequenceNumbers: numbers }, 'x');
  // @ts-expect-error sequence numbers are no UIDs
  void mailbox.copy(numbers, 'x');
  // @ts-expect-error UIDs are no sequence numbers
  void mailbox.move({ sequenceNumbers: uids }, 'x');
  // @ts-expect-error expunging is by UID
  void mailbox.expunge({ sequenceNumbers: numbers });
  // @ts-expect-error sequence numbers are no UIDs
  void mailbox.expunge(numbers);
  // @ts-expect-error there is no such item
  void mailbox.fetch(uids, { subject: true });
  void mailbox.move({ sequenceNumbers: numbers }, 'x');
}

test('types follow the query, and kinds of numbers do not mix (pain 18)', () => {
  expectTypeOf(queries).toBeFunction();
  expectTypeOf(searches).toBeFunction();
  expectTypeOf(sets).toBeFunction();
});
