import { type SortableMessage, sentSeconds } from './message.ts';

/** A message with what orders it among others. */
export interface DatedMessage {
  readonly message: SortableMessage;
  /** Its sent date, in seconds since 1970. */
  readonly seconds: number;
  /** Its place in the mailbox, which decides between equal dates. */
  readonly place: number;
}

/** A message and the answers to it, while threads are made. */
export interface Thread {
  /** Undefined for a dummy: a message that is not among those given. Then there are children. */
  message: DatedMessage | undefined;
  children: Thread[];
}

export function datedMessages(messages: readonly SortableMessage[]): readonly DatedMessage[] {
  return messages.map((message, place) => ({ message, place, seconds: sentSeconds(message) }));
}

export function compareMessages(one: DatedMessage, other: DatedMessage): number {
  return one.seconds - other.seconds || one.place - other.place;
}

/** Sorts by sent date. A dummy counts as the first of its children, which it must have in order. */
export function sortThreads(threads: Thread[]): void {
  threads.sort((one, other) => compareMessages(headOf(one), headOf(other)));
}

/** The message of a thread, or the first child of a dummy. */
export function headOf({ message, children }: Thread): DatedMessage {
  return message ?? children[0]!.message!;
}

/** Sorts the children of every message, at any depth. */
export function sortDescendants(threads: readonly Thread[]): void {
  const left = [...threads];
  for (let thread = left.pop(); thread !== undefined; thread = left.pop()) {
    const { children } = thread;
    if (children.length > 1) sortThreads(children);
    for (const child of children) left.push(child);
  }
}
