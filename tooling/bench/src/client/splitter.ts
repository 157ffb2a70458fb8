import { connect, type Socket } from 'node:net';
import { announced } from '../wire/splitter.ts';
import { type Found, measured } from './measured.ts';
import { BODIES, LARGE, type Task, taskOf } from './task.ts';

const LF = 0x0a;
const DONE = Buffer.from('A3 OK');
const ITEMS = '(UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)';

/** The least that any reader must do with the same answers: find where lines end, and step over literals. */
async function run({ port, user, password, work }: Task): Promise<void> {
  const mailbox = work === 'bodies' ? BODIES : work === 'large' ? LARGE : 'INBOX';
  const socket = connect(port, '127.0.0.1');
  const splitter = new Splitter(socket);
  socket.write(`A1 LOGIN ${user} ${password}\r\nA2 EXAMINE ${mailbox}\r\n`);
  await splitter.until('A2 OK');
  await measured(async (): Promise<Found> => {
    const start = splitter.answers;
    socket.write(`A3 FETCH 1:* ${work === 'metadata' ? ITEMS : 'BODY.PEEK[]'}\r\n`);
    await splitter.until('A3 OK');
    return { found: work === 'metadata' ? splitter.answers - start : splitter.literalOctets };
  });
  socket.end('A4 LOGOUT\r\n');
}

class Splitter {
  /** Lines that begin an untagged answer. */
  answers = 0;
  literalOctets = 0;
  #literalLeft = 0;
  #line: Buffer | undefined;
  #isContinued = false;
  #awaited: { readonly text: Buffer; readonly resolve: () => void } | undefined;

  constructor(socket: Socket) {
    socket.on('data', (chunk: Buffer) => this.#split(chunk));
  }

  until(text: string): Promise<void> {
    return new Promise((resolve) => {
      this.#awaited = { text: Buffer.from(text), resolve };
    });
  }

  #split(chunk: Buffer): void {
    for (let offset = 0; offset < chunk.length; ) {
      if (this.#literalLeft > 0) {
        const taken = Math.min(this.#literalLeft, chunk.length - offset);
        this.#literalLeft -= taken;
        this.literalOctets += taken;
        offset += taken;
        continue;
      }
      const lineFeed = chunk.indexOf(LF, offset);
      const part = chunk.subarray(offset, lineFeed < 0 ? chunk.length : lineFeed + 1);
      offset += part.length;
      this.#line = this.#line === undefined ? part : Buffer.concat([this.#line, part]);
      if (lineFeed >= 0) this.#end(this.#line);
    }
  }

  #end(line: Buffer): void {
    if (!this.#isContinued && line[0] === 0x2a) this.answers++;
    const isDone = !this.#isContinued && this.#awaited !== undefined && this.#isAwaited(line, this.#awaited.text);
    this.#literalLeft = announced(line);
    this.#isContinued = this.#literalLeft > 0;
    this.#line = undefined;
    if (isDone) this.#awaited?.resolve();
  }

  #isAwaited(line: Buffer, text: Buffer): boolean {
    return line[0] === DONE[0] && line.subarray(0, text.length).equals(text);
  }
}

await run(taskOf(process.argv));
