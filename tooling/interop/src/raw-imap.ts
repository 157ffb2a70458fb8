import { connect } from 'node:net';
import { linesOf } from './imap-lines.ts';

/** A conversation with an IMAP server in its own words, for what the client does not offer. */
export interface RawImap {
  /**
   * Sends a command, and a literal behind it as LITERAL+ allows.
   * @returns The untagged answers, an octet to a character, without their last line end; literals stand in them as sent.
   * @throws Error when the answer is not OK.
   */
  command(text: string, literal?: Uint8Array): Promise<readonly string[]>;
  close(): void;
}

/** Connects in clear text and logs in. */
export async function rawImap(port: number, user: string, password: string): Promise<RawImap> {
  const socket = connect({ host: '127.0.0.1', port });
  const lines = linesOf(socket);
  await lines.next();
  let tags = 0;
  const raw: RawImap = {
    command: async (text, literal) => {
      const tag = `r${++tags}`;
      socket.write(`${tag} ${text}${literal === undefined ? '' : ` {${literal.length}+}`}\r\n`);
      if (literal !== undefined) socket.write(literal);
      if (literal !== undefined) socket.write('\r\n');
      const untagged: string[] = [];
      for (;;) {
        const { value: line, done } = await lines.next();
        if (done === true) throw new Error(`the connection ended before the answer to ${text}`);
        if (line.startsWith(`${tag} OK`)) return untagged;
        if (line.startsWith(`${tag} `)) throw new Error(`${text}: ${line}`);
        untagged.push(line);
      }
    },
    close: () => socket.destroy(),
  };
  await raw.command(`LOGIN "${user}" "${password}"`);
  return raw;
}
