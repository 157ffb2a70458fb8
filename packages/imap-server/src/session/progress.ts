import { untagged } from '../replies/replies.ts';
import type { Session } from './session.ts';

/** Time between two words of comfort. @see RFC 9585 section 4 */
const COMFORT_MS = 10_000;

/** Tells a client that waits for one command that it is under way. @see RFC 9585 */
export class Progress {
  readonly #session: Session;
  readonly #tag: string;
  #last: number;

  constructor(session: Session, tag: string) {
    this.#session = session;
    this.#tag = tag;
    this.#last = session.timers.now();
  }

  /**
   * Called whenever there is time; tells at most every 10 seconds.
   * @param goal - Null when it is not known.
   */
  async made(done: number, goal: number | null): Promise<void> {
    const { timers, output, protocol } = this.#session;
    const now = timers.now();
    if (now - this.#last < COMFORT_MS || !protocol.isOffered('INPROGRESS')) return;
    this.#last = now;
    output.send(untagged('OK', 'Still working', { type: 'inProgress', tag: this.#tag, done, goal }));
    await output.flush();
  }
}
