import { type Flag, type FlagOperation, hasFlag, type Uid } from '@posthorn/core';
import { normalFlags } from './mail.ts';

/** What a message must be. */
export interface ModelMessage {
  readonly subject: string;
  readonly flags: readonly string[];
}

/** What a mailbox must hold: as simple as can be, so that it is right. */
export class ModelMailbox {
  readonly messages: Map<Uid, ModelMessage> = new Map();
  readonly unclaimed: Set<Uid> = new Set();
  uidNext = 1;

  add(uid: Uid, message: ModelMessage): void {
    this.messages.set(uid, message);
    this.unclaimed.add(uid);
    this.uidNext = uid + 1;
  }

  remove(uid: Uid): void {
    this.messages.delete(uid);
    this.unclaimed.delete(uid);
  }

  store(uid: Uid, operation: FlagOperation, flags: readonly Flag[]): void {
    const { subject, flags: before } = this.messages.get(uid)!;
    const given = normalFlags(flags);
    const after =
      operation === 'add'
        ? [...new Set([...before, ...given])].sort()
        : operation === 'remove'
          ? before.filter((flag) => !given.includes(flag))
          : given;
    this.messages.set(uid, { subject, flags: after });
  }

  /** The UIDs there are among those given, in ascending order. */
  among(uids: readonly number[]): readonly Uid[] {
    return this.uids.filter((uid) => uids.includes(uid));
  }

  get uids(): readonly Uid[] {
    return [...this.messages.keys()].sort((one, other) => one - other);
  }

  count(flag: Flag): number {
    return [...this.messages.values()].filter(({ flags }) => hasFlag(flags, flag)).length;
  }
}
