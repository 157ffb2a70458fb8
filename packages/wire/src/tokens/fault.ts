/** A frame, or an item of one, that does not fit the grammar. It is thrown, and never leaves this package. */
export class Fault {
  readonly offset: number;
  readonly message: string;

  constructor(offset: number, message: string) {
    this.offset = offset;
    this.message = message;
  }
}
