import { connect, type Socket } from 'node:net';

/** Enough for the last line of any answer. */
const TAIL_BYTES = 4096;
const LINE_FEED = 0x0a;

interface Waiting {
  readonly prefix: string;
  readonly resolve: (line: string) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A connection that sends lines and waits for the line that ends the answer, and looks at nothing else: it costs the same
 * whatever server is at the other end.
 */
export class RawConnection {
  /** Octets received. */
  octets = 0;
  readonly #socket: Socket;
  #tail = '';
  #waiting: Waiting | undefined;
  #count = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the server closed the connection')));
  }

  /** Connects and waits for the greeting. */
  static async open(port: number): Promise<RawConnection> {
    const connection = new RawConnection(connect({ host: '127.0.0.1', port }));
    await connection.#until('* OK');
    return connection;
  }

  /** Sends a command and waits for its end. @throws Error when it is not OK. */
  async run(command: string): Promise<void> {
    // Nothing in a message begins a line like this.
    const tag = `q${process.pid}z${++this.#count}`;
    this.#socket.write(`${tag} ${command}\r\n`);
    const line = await this.#until(`${tag} `);
    if (!line.startsWith(`${tag} OK`)) throw new Error(`${command.slice(0, 80)}: ${line}`);
  }

  async login(user: string, password: string): Promise<void> {
    await this.run(`LOGIN ${user} ${password}`);
  }

  /** Begins to wait for news, and stays there. */
  async idle(): Promise<void> {
    this.#socket.write('idle IDLE\r\n');
    await this.#until('+ ');
  }

  close(): void {
    this.#waiting = undefined;
    this.#socket.destroy();
  }

  /** Waits until the last line received begins so. */
  #until(prefix: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting = { prefix, resolve, reject };
    });
  }

  #take(chunk: Buffer): void {
    this.octets += chunk.length;
    const text = chunk.toString('latin1', Math.max(0, chunk.length - TAIL_BYTES));
    this.#tail = text.length < TAIL_BYTES ? (this.#tail + text).slice(-TAIL_BYTES) : text;
    if (chunk.at(-1) !== LINE_FEED) return;
    const line = this.#tail.slice(this.#tail.lastIndexOf('\n', this.#tail.length - 2) + 1);
    const waiting = this.#waiting;
    if (waiting === undefined || !line.startsWith(waiting.prefix)) return;
    this.#tail = '';
    this.#waiting = undefined;
    waiting.resolve(line);
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }
}
