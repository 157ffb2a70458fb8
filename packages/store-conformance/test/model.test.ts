import { uid } from '@posthorn/core';
import { describe, expect, it } from 'vitest';
import { ModelMailbox } from '../src/model.ts';

describe('ModelMailbox', () => {
  it('adds, stores and removes', () => {
    const model = new ModelMailbox();
    model.add(uid(1), { subject: 'a', flags: [] });
    model.add(uid(5), { subject: 'b', flags: ['\\seen'] });
    expect(model.uidNext).toBe(6);
    model.store(uid(1), 'add', ['\\Seen', 'Label']);
    model.store(uid(5), 'replace', ['\\Deleted']);
    model.store(uid(1), 'remove', ['LABEL']);
    expect([...model.messages.values()].map((message) => message.flags)).toEqual([['\\seen'], ['\\deleted']]);
    expect(model.count('\\Seen')).toBe(1);
    expect(model.among([5, 1, 9])).toEqual([1, 5]);
    model.remove(uid(1));
    expect(model.uids).toEqual([5]);
    expect([...model.unclaimed]).toEqual([5]);
  });
});
