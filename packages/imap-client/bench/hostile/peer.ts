import type { ClientTlsOptions, Transport } from '@posthorn/core';
import { concatBytes, decodeText, utf8Bytes } from '@posthorn/core';

/** The server's end of a connection, for scenarios to do with as they please. */
export class Peer {
  readonly #transport: Transport;
  readonly #tls: { readonly cert: string; readonly key: string };
  #buffered = '';
  /** Everything the client sent in clear text, and after a handshake. */
  heardInClear = '';
  heard = '';
  /** Commands as a server reads them, with their tags. */
  readonly commands: string[] = [];

  constructor(transport: Transport, tls: { readonly cert: string; readonly key: string }) {
    this.#transport = transport;
    this.#tls = tls;
  }

  async send(data: string | Uint8Array): Promise<void> {
    await this.#transport.write(typeof data === 'string' ? utf8Bytes(data) : data);
  }

  /** The next command line, without its end, literals and all; undefined when the client has gone. */
  async line(): Promise<string | undefined> {
    let line = '';
    for (;;) {
      const end = this.#buffered.indexOf('\r\n');
      if (end === -1) {
        if (!(await this.#more())) return undefined;
        continue;
      }
      line += this.#buffered.slice(0, end);
      this.#buffered = this.#buffered.slice(end + 2);
      const literal = /\{(\d+)(\+?)\}$/.exec(line);
      if (literal === null) {
        this.commands.push(line);
        return line;
      }
      if (literal[2] === '') await this.send('+ go\r\n');
      const size = Number(literal[1]);
      while (this.#buffered.length < size) if (!(await this.#more())) return undefined;
      line += ' (a literal)';
      this.#buffered = this.#buffered.slice(size);
    }
  }

  async #more(): Promise<boolean> {
    const chunk = await this.#transport.read();
    if (chunk === null) return false;
    const text = decodeText(chunk);
    this.#buffered += text;
    this.heard += text;
    if (this.#transport.security === 'none') this.heardInClear += text;
    return true;
  }

  async startTls(): Promise<void> {
    await this.#transport.startTls({ role: 'server', ...this.#tls });
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  destroy(): void {
    this.#transport.destroy();
  }
}

/** Answers a command; what it gives is sent as it is. */
export type Answer = (
  tag: string,
  line: string,
) => string | Uint8Array | Promise<string | Uint8Array | undefined> | undefined;

export const CAPABILITIES = 'IMAP4rev1 IDLE UIDPLUS MOVE UNSELECT LITERAL+ SASL-IR ESEARCH';

const SELECTED =
  '* FLAGS (\\Seen \\Deleted)\r\n* 100 EXISTS\r\n* OK [UIDVALIDITY 42] valid\r\n* OK [UIDNEXT 1000] next\r\n' +
  '* OK [PERMANENTFLAGS (\\Seen \\Deleted \\*)] limited\r\n';

/** A server that behaves, but for the answers given: by the name of the command, without `UID`. */
export async function behave(
  peer: Peer,
  answers: Readonly<Record<string, Answer>> = {},
  greeting = `* PREAUTH [CAPABILITY ${CAPABILITIES}] hi\r\n`,
): Promise<void> {
  await peer.send(greeting);
  for (let line = await peer.line(); line !== undefined; line = await peer.line()) {
    const [tag = '', first = '', second = ''] = line.split(' ');
    const name = first.toUpperCase() === 'UID' ? second.toUpperCase() : first.toUpperCase();
    const answer = answers[name];
    if (answer !== undefined) {
      const said = await answer(tag, line);
      if (said !== undefined) await peer.send(said);
    } else if (name === 'SELECT' || name === 'EXAMINE') await peer.send(`${SELECTED}${tag} OK [READ-WRITE] done\r\n`);
    else if (name === 'LOGOUT') await peer.send(`* BYE bye\r\n${tag} OK done\r\n`);
    else if (name === 'CAPABILITY') await peer.send(`* CAPABILITY ${CAPABILITIES}\r\n${tag} OK done\r\n`);
    else if (tag !== 'DONE') await peer.send(`${tag} OK done\r\n`);
  }
}

/** What a client is told to trust. */
export type Trust = Pick<ClientTlsOptions, 'ca'>;

export function many(text: string, times: number): Uint8Array {
  const piece = utf8Bytes(text);
  return concatBytes(Array.from({ length: times }, () => piece));
}
