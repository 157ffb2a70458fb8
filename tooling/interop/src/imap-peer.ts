import { connect } from 'node:net';
import { linesOf } from './imap-lines.ts';

/** What was answered to a command, an octet to a character, literals as they were sent. */
export interface ImapAnswer {
  readonly untagged: readonly string[];
  /** Without the tag. `gone` when the connection ended instead. */
  readonly tagged: string;
}

/** A connection that says what it is told to, and takes every answer. */
export interface ImapPeer {
  /** Runs a command. A continuation request is answered with `DONE` when the command is IDLE, else with an empty line. */
  run(command: string): Promise<ImapAnswer>;
  close(): void;
}

/** Connects in clear text and reads the greeting. */
export async function imapPeer(port: number): Promise<ImapPeer> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  const lines = linesOf(socket);
  await lines.next();
  let tags = 0;
  return {
    run: async (command) => {
      const tag = `t${++tags}`;
      socket.write(`${tag} ${command}\r\n`, 'latin1');
      const untagged: string[] = [];
      for (;;) {
        const { value: line, done } = await lines.next();
        if (done === true) return { untagged, tagged: 'gone' };
        if (line.startsWith(`${tag} `)) return { untagged, tagged: line.slice(tag.length + 1) };
        if (line.startsWith('+')) socket.write(/^IDLE$/i.test(command) ? 'DONE\r\n' : '\r\n');
        else untagged.push(line);
      }
    },
    close: () => socket.destroy(),
  };
}
