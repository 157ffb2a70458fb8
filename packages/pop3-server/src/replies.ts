import type { Pop3Status } from '@posthorn/wire/pop3';

/** The first line of an answer. */
export type Reply = Pop3Status;

export function ok(text: string): Reply {
  return { isOk: true, text };
}

export function err(text: string, code?: string): Reply {
  return { isOk: false, text, code };
}

/** Ends the command at hand from deep inside. */
export class CommandRefused extends Error {
  readonly reply: Reply;

  constructor(reply: Reply) {
    super(reply.text);
    this.reply = reply;
  }
}
