import { type Transport, utf8Bytes } from '@posthorn/core';
import { SendBuffer, type Timers } from '@posthorn/transport/serving';
import { encodePop3Status } from '@posthorn/wire/pop3';
import type { Reply } from './replies.ts';

/** Length of lines that are sent together. */
const FULL_LENGTH = 64 * 1024;
/** Longest that one session keeps the others waiting while its client takes all it is given. */
const TURN_MS = 2;
const END: Uint8Array = utf8Bytes('.\r\n');

/** What is sent to a client: replies, and lines behind them. */
export class Output extends SendBuffer {
  constructor(transport: Transport, timers: Timers, writeTimeoutMs: number) {
    super(transport, { timers, writeTimeoutMs, turnMs: TURN_MS });
  }

  send(reply: Reply): void {
    this.push(encodePop3Status(reply));
  }

  /** Sends an answer whose body is lines of ours, which never begin with a dot. Waits only when there is too much. */
  async sendLines(reply: Reply, lines: Iterable<string>): Promise<void> {
    this.send(reply);
    let text = '';
    for (const line of lines) {
      text += `${line}\r\n`;
      if (text.length < FULL_LENGTH) continue;
      this.push(utf8Bytes(text));
      text = '';
      await this.flush();
    }
    this.push(utf8Bytes(text));
    this.push(END);
  }
}
