import type { SequenceNumber, Uid } from '@posthorn/core';
import type { Diagnostic, FetchItems } from '@posthorn/wire';

/** What has come so far for a message whose answer a server sends in several responses. */
export interface PartialAnswer {
  readonly sequenceNumber: SequenceNumber;
  readonly uid: Uid | undefined;
  readonly items: FetchItems;
  readonly diagnostics: readonly Diagnostic[];
}

const MOST = 1000;

/** Answers that are not complete yet. The oldest is given up when there are too many. */
export class PartialAnswers {
  readonly #answers = new Map<SequenceNumber, PartialAnswer>();
  readonly #giveUp: (answer: PartialAnswer) => void;

  constructor(giveUp: (answer: PartialAnswer) => void) {
    this.#giveUp = giveUp;
  }

  get(sequenceNumber: SequenceNumber): PartialAnswer | undefined {
    return this.#answers.size === 0 ? undefined : this.#answers.get(sequenceNumber);
  }

  set(answer: PartialAnswer): void {
    this.#answers.set(answer.sequenceNumber, answer);
    if (this.#answers.size <= MOST) return;
    const [oldest] = this.#answers.values();
    this.#answers.delete(oldest!.sequenceNumber);
    this.#giveUp(oldest!);
  }

  delete(sequenceNumber: SequenceNumber): void {
    if (this.#answers.size > 0) this.#answers.delete(sequenceNumber);
  }

  /** A message is gone, and those behind it move up. */
  expunge(sequenceNumber: SequenceNumber): void {
    if (this.#answers.size === 0) return;
    const answers = [...this.#answers.values()];
    this.#answers.clear();
    for (const answer of answers) {
      if (answer.sequenceNumber === sequenceNumber) continue;
      const moved = answer.sequenceNumber - (answer.sequenceNumber > sequenceNumber ? 1 : 0);
      this.#answers.set(moved as SequenceNumber, { ...answer, sequenceNumber: moved as SequenceNumber });
    }
  }

  /** Nothing more will come. */
  flush(): void {
    const answers = [...this.#answers.values()];
    this.#answers.clear();
    for (const answer of answers) this.#giveUp(answer);
  }
}
