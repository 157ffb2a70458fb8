import type { Socket } from 'node:net';

/** The lines a server sends, an octet to a character, each with the literals in it and without its last line end. */
export async function* linesOf(socket: Socket): AsyncGenerator<string, void, undefined> {
  let rest = '';
  let searched = 0;
  try {
    for await (const chunk of socket.setEncoding('latin1')) {
      rest += String(chunk);
      for (let end = rest.indexOf('\r\n', searched); end !== -1; end = rest.indexOf('\r\n', searched)) {
        const literal = /\{(\d+)\}$/.exec(rest.slice(Math.max(0, end - 20), end));
        searched = end + 2 + Number(literal?.[1] ?? 0);
        if (searched > rest.length) {
          // The literal is not here whole: this line end is looked at again when more came.
          searched = end;
          break;
        }
        if (literal !== null) continue;
        yield rest.slice(0, end);
        rest = rest.slice(searched);
        searched = 0;
      }
    }
  } catch {
    // A connection that breaks has ended.
  }
}
