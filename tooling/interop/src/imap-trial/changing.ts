import { uid } from '@posthorn/core';
import { ids } from '@posthorn/message-set';
import { expect, it } from 'vitest';
import { numbered } from './session.ts';
import type { TrialSetting } from './subject.ts';

/** What changes messages. */
export function tryChanging({ subject: { tellsPlaces = true }, trial }: TrialSetting): void {
  it('stores, copies, moves and expunges', async () => {
    const client = await trial().login();
    const elsewhere = await trial().named(client, 'Elsewhere');
    await client.create(elsewhere);
    const mailbox = await trial().filled(client, 'Here', ['a', 'b', 'c', 'd']);
    const { messages } = await mailbox.store({ sequenceNumbers: '1:2' }, 'add', ['$Label']);
    expect(messages.map(({ sequenceNumber, flags }) => [sequenceNumber, flags?.includes('$Label')])).toEqual([
      [1, true],
      [2, true],
    ]);
    const replaced = await mailbox.store('1', 'replace', ['\\Seen']);
    expect(replaced.messages[0]?.flags?.filter((flag) => flag !== '\\Recent')).toEqual(['\\Seen']);
    const copied = await mailbox.copy({ sequenceNumbers: '3' }, elsewhere);
    const places = { from: { ranges: [{ first: 3 }] }, to: { ranges: [{ first: 1 }] } };
    if (tellsPlaces) expect(copied).toMatchObject(places);
    else expect(copied).toBeUndefined();
    // Without UIDPLUS nothing can be expunged but all that is flagged, which the client leaves to its user.
    const { isExpunged } = await mailbox.move('1,4', elsewhere);
    expect(isExpunged).toBe(tellsPlaces);
    if (!isExpunged) await mailbox.expunge();
    expect([...ids(await mailbox.uids())]).toEqual([2, 3]);
    await mailbox.store('3', 'add', ['\\Deleted'], { silent: true });
    await mailbox.expunge(tellsPlaces ? '3' : undefined);
    const replacement = await mailbox.replace(uid(2), { body: numbered('new', 5) });
    expect(replacement.appended?.uid).toBe(tellsPlaces ? 5 : undefined);
    if (!replacement.isExpunged) await mailbox.expunge();
    expect([...ids(await mailbox.uids())]).toEqual([5]);
    await mailbox.close();
    expect(await client.status(elsewhere, ['MESSAGES'])).toMatchObject({ messages: 3 });
  });
}
