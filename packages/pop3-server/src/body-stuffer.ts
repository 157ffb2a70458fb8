const CR = 0x0d;
const LF = 0x0a;
const DOT = 0x2e;
const ONE_DOT: Uint8Array = Uint8Array.of(DOT);
const END: Uint8Array = Uint8Array.of(DOT, CR, LF);
const LINE_END: Uint8Array = Uint8Array.of(CR, LF);

/**
 * Puts the dots into the body of an answer, chunk by chunk. It looks at dots alone, which are rarer than line ends.
 *
 * Only CRLF begins a line. But many clients take LF for the end of a line, too: for them a lone dot between two LF
 * would end the message, and what follows in it would pass for answers of the server. Such a dot, and no other behind
 * a bare LF, gets another one before it.
 * @see RFC 1939 section 3
 */
export class BodyStuffer {
  /** The last two octets that came; a body begins as if a line had ended before it. */
  #last = CR;
  #latest = LF;
  /** Whether the chunk before ended with a dot behind a bare LF, which is still to be sent. */
  #isDotHeld = false;

  /** The octets to send for a chunk, as views. */
  push(chunk: Uint8Array): readonly Uint8Array[] {
    if (chunk.length === 0) return [];
    const views: Uint8Array[] = [];
    if (this.#isDotHeld) this.#sendHeld(views, chunk[0]!);
    let from = 0;
    for (let dot = chunk.indexOf(DOT); dot >= 0; dot = chunk.indexOf(DOT, dot + 1)) {
      if (this.#octetBefore(chunk, dot, 1) !== LF) continue;
      const isBare = this.#octetBefore(chunk, dot, 2) !== CR;
      if (isBare && dot + 1 === chunk.length) {
        this.#isDotHeld = true;
        if (dot > from) views.push(chunk.subarray(from, dot));
        from = chunk.length;
      } else if (!isBare || endsLine(chunk[dot + 1]!)) {
        if (dot > from) views.push(chunk.subarray(from, dot));
        views.push(ONE_DOT);
        from = dot;
      }
    }
    if (from < chunk.length) views.push(chunk.subarray(from));
    this.#last = chunk.length > 1 ? chunk[chunk.length - 2]! : this.#latest;
    this.#latest = chunk[chunk.length - 1]!;
    return views;
  }

  /** What ends the body. A last line without CRLF gets one. */
  end(): readonly Uint8Array[] {
    const views: Uint8Array[] = [];
    if (this.#isDotHeld) this.#sendHeld(views, CR);
    if (this.#latest !== LF || this.#last !== CR) views.push(LINE_END);
    views.push(END);
    return views;
  }

  #sendHeld(views: Uint8Array[], next: number): void {
    this.#isDotHeld = false;
    if (endsLine(next)) views.push(ONE_DOT);
    views.push(ONE_DOT);
  }

  #octetBefore(chunk: Uint8Array, at: number, distance: 1 | 2): number {
    if (at >= distance) return chunk[at - distance]!;
    return distance - at === 1 ? this.#latest : this.#last;
  }
}

function endsLine(octet: number): boolean {
  return octet === CR || octet === LF;
}
