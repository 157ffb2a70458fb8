import { comparableAnswer } from './imap-answer.ts';
import { type ImapPeer, imapPeer } from './imap-peer.ts';

/**
 * A conversation that any server should take part in the same way. Each line is a command of the first connection, or
 * of another when it starts with a number and a colon.
 *
 * In commands `$box` is a mailbox of the script's own, `{{text}}` a literal in which `\n` is a line end, `$validity` the
 * UIDVALIDITY of the mailbox selected last, and `$name` the highest mod-sequence at the line `= name`. What stands
 * behind `  #` says why a server may answer otherwise than the others.
 */
export interface ImapScript {
  readonly name: string;
  /** What `$box` holds: octets as ISO 8859-1. Without it there is no such mailbox at first. */
  readonly mail?: readonly string[];
  readonly commands: string;
}

/** Where a script is played. */
export interface ScriptServer {
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/** A command and what was answered, comparable among servers. */
export interface ScriptStep {
  readonly command: string;
  readonly answer: readonly string[];
  /** Why it may differ. */
  readonly verdict: string | undefined;
}

const LINE = /^(?:(\d+): )?(.*)$/s;

/** Plays a script on a server. */
export async function playScript(
  server: ScriptServer,
  script: ImapScript,
  box: string,
): Promise<readonly ScriptStep[]> {
  const player = new Player(server, box);
  try {
    if (script.mail !== undefined) await player.deliver(script.mail);
    const steps: ScriptStep[] = [];
    for (const line of commandsOf(script.commands)) {
      const [command, verdict] = line.split(/ {2}# /, 2);
      const answer = await player.play(command!);
      if (answer !== undefined) steps.push({ command: command!, answer, verdict });
    }
    return steps;
  } finally {
    player.close();
  }
}

/** Lines, but for those within a literal. */
function commandsOf(commands: string): readonly string[] {
  return (commands.match(/(?:\{\{[\s\S]*?\}\}|[^\n])+/g) ?? [])
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

class Player {
  readonly #server: ScriptServer;
  readonly #box: string;
  readonly #peers = new Map<number, ImapPeer>();
  readonly #values = new Map<string, string>();

  constructor(server: ScriptServer, box: string) {
    this.#server = server;
    this.#box = box;
  }

  async deliver(mail: readonly string[]): Promise<void> {
    const peer = await this.#peer(0);
    await peer.run(`CREATE ${this.#box}`);
    for (const [index, text] of mail.entries()) {
      const date = `"${`${index + 1}`.padStart(2, ' ')}-Feb-2024 0${index % 10}:02:03 +0000"`;
      const { tagged } = await peer.run(`APPEND ${this.#box} ${date} {${text.length}+}\r\n${text}`);
      if (!tagged.startsWith('OK')) throw new Error(`cannot deliver: ${tagged}`);
    }
  }

  async play(line: string): Promise<readonly string[] | undefined> {
    const [, number = '1', command = ''] = LINE.exec(line)!;
    if (command.startsWith('= ')) {
      this.#values.set(command.slice(2), this.#values.get('modseq') ?? '0');
      return undefined;
    }
    const { untagged, tagged } = await (await this.#peer(Number(number))).run(this.#wire(command));
    for (const text of [...untagged, tagged]) this.#learn(text);
    return comparableAnswer(command, untagged, tagged);
  }

  #wire(command: string): string {
    return command
      .replaceAll('$box', this.#box)
      .replace(/\$([a-z]\w*)/g, (whole, name: string) => this.#values.get(name) ?? whole)
      .replace(/\{\{([\s\S]*?)\}\}/g, (_, text: string) => {
        const octets = text.replaceAll('\\n', '\r\n');
        return `{${octets.length}+}\r\n${octets}`;
      });
  }

  #learn(text: string): void {
    const validity = /\[UIDVALIDITY (\d+)\]/i.exec(text)?.[1];
    if (validity !== undefined) this.#values.set('validity', validity);
    for (const [, modSeq] of text.matchAll(/(?:HIGHESTMODSEQ |MODSEQ \()(\d+)/gi)) {
      const known = BigInt(this.#values.get('modseq') ?? '0');
      if (BigInt(modSeq!) > known) this.#values.set('modseq', modSeq!);
    }
  }

  async #peer(number: number): Promise<ImapPeer> {
    const known = this.#peers.get(number);
    if (known !== undefined) return known;
    const { port, user, password } = this.#server;
    const peer = await imapPeer(port);
    this.#peers.set(number, peer);
    await peer.run(`LOGIN "${user}" "${password}"`);
    return peer;
  }

  close(): void {
    for (const peer of this.#peers.values()) peer.close();
  }
}
