/**
 * Where a server of a test goes wrong, and how.
 * @module
 */

/** The moment a fault waits for. */
export type FaultPoint =
  /** A client connects: before the greeting. */
  | 'connect'
  /** A command arrives, whole with its first line: `FETCH` is `UID FETCH`, too. In any case. */
  | { readonly command: string }
  /** The server is about to send a line that holds this text, or that matches. Octets of literals are no lines. */
  | { readonly line: string | RegExp }
  /** So many octets were sent on one connection. */
  | { readonly sent: number }
  /** So many octets of one literal were sent. */
  | { readonly literal: number };

/** What then happens to the connection. */
export type FaultAction =
  /** It breaks at once, as when a cable is pulled: what was not sent is lost. */
  | 'reset'
  /** The server ends it in good order, in the middle of whatever it was saying. */
  | 'close'
  /** The server says nothing any more, and keeps the connection open. */
  | 'stall'
  /** The command is ignored, or the line left out. */
  | 'drop'
  /** The server waits first. */
  | { readonly delayMs: number }
  /** All that follows on the connection is sent at this pace. */
  | { readonly octetsPerSecond: number }
  /** The server says this first: any octets, line ends included. */
  | { readonly send: string }
  /** The line becomes another: as `String.prototype.replace` does it when the point is a pattern. Without its line end. */
  | { readonly replaceWith: string }
  /**
   * The server answers the command with this and does nothing. For IMAP without the tag, which is put before it:
   * `NO [LIMIT] later`. For POP3 `-ERR [SYS/TEMP] later`.
   */
  | { readonly reply: string };

/** A protocol that the server speaks. */
export type Protocol = 'imap' | 'pop3';

export interface Fault {
  /** Where it may happen. @defaultValue in both */
  readonly protocol?: Protocol | undefined;
  readonly at: FaultPoint;
  readonly action: FaultAction;
  /** How often the moment passes without harm first. @defaultValue 0 */
  readonly skip?: number | undefined;
  /** How often it happens. @defaultValue 1 */
  readonly times?: number | undefined;
}

/** A fault that waits for its moment. */
export interface InjectedFault {
  /** How often it happened. */
  readonly count: number;
  /** It happens no more. */
  remove(): void;
}

/** A fault and what became of it. */
export class ArmedFault implements InjectedFault {
  readonly fault: Fault;
  count = 0;
  #skipped = 0;
  #isRemoved = false;

  constructor(fault: Fault) {
    check(fault);
    this.fault = fault;
  }

  /** Its moment has come: whether it happens now. */
  fires(): boolean {
    const { skip = 0, times = 1 } = this.fault;
    if (this.#isRemoved || this.count >= times) return false;
    if (this.#skipped < skip) {
      this.#skipped++;
      return false;
    }
    this.count++;
    return true;
  }

  remove(): void {
    this.#isRemoved = true;
  }
}

/** @throws TypeError for an action that makes no sense at its point. */
function check({ at, action }: Fault): void {
  const isCommand = typeof at === 'object' && 'command' in at;
  const isLine = typeof at === 'object' && 'line' in at;
  if (typeof action === 'object' && 'reply' in action && !isCommand)
    throw new TypeError('only a command can be answered by a reply');
  if (typeof action === 'object' && 'replaceWith' in action && !isLine)
    throw new TypeError('only a line can be replaced');
  if (action === 'drop' && !isCommand && !isLine) throw new TypeError('only a command or a line can be dropped');
}
