interface Waiter<Event> {
  readonly resolve: (result: IteratorResult<Event, undefined>) => void;
  readonly reject: (reason: unknown) => void;
}

const DONE: IteratorResult<never, undefined> = { done: true, value: undefined };

/** Events for a loop that may be busy. When too many wait, they make place for one that says so. */
export class EventQueue<Event> implements AsyncIterableIterator<Event, undefined> {
  readonly #most: number;
  readonly #overflow: Event;
  #events: Event[] = [];
  #waiter: Waiter<Event> | undefined;
  #end: { readonly reason: unknown } | undefined;

  constructor(most: number, overflow: Event) {
    this.#most = most;
    this.#overflow = overflow;
  }

  push(event: Event): void {
    if (this.#end !== undefined) return;
    const waiter = this.#waiter;
    this.#waiter = undefined;
    if (waiter !== undefined) waiter.resolve({ done: false, value: event });
    else if (this.#events.length < this.#most) this.#events.push(event);
    else this.#events = [this.#overflow];
  }

  /** Nothing more will come. With a reason the loop fails, after what is there. */
  end(reason: unknown): void {
    if (this.#end !== undefined) return;
    this.#end = { reason };
    const waiter = this.#waiter;
    this.#waiter = undefined;
    if (waiter !== undefined) this.#ended(reason).then(waiter.resolve, waiter.reject);
  }

  next(): Promise<IteratorResult<Event, undefined>> {
    const event = this.#events.shift();
    if (event !== undefined) return Promise.resolve({ done: false, value: event });
    if (this.#end !== undefined) return this.#ended(this.#end.reason);
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
    });
  }

  return(): Promise<IteratorResult<Event, undefined>> {
    this.end(undefined);
    this.#events = [];
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #ended(reason: unknown): Promise<IteratorResult<Event, undefined>> {
    this.#end = { reason: undefined };
    return reason === undefined ? Promise.resolve(DONE) : Promise.reject(reason);
  }
}
