import type { ResponseCode, StatusResponse } from '@posthorn/wire';

/** How a command ends: its tagged response without the tag. */
export interface Completion {
  readonly status: 'OK' | 'NO' | 'BAD';
  readonly text: string;
  readonly code?: ResponseCode | undefined;
  /** The client is to be told the mod-sequence it has come to, once it was told of what happened. */
  readonly tellsModSeq?: boolean | undefined;
}

export function ok(text: string, code?: ResponseCode): Completion {
  return { status: 'OK', text, code };
}

export function no(text: string, code?: ResponseCode | string): Completion {
  return { status: 'NO', text, code: typeof code === 'string' ? { type: 'atom', name: code } : code };
}

export function bad(text: string): Completion {
  return { status: 'BAD', text };
}

/** Ends the command at hand from deep inside. */
export class CommandRefused extends Error {
  readonly completion: Completion;

  constructor(completion: Completion) {
    super(completion.text);
    this.completion = completion;
  }
}

export function tagged(tag: string | undefined, { status, text, code }: Completion): StatusResponse {
  return { type: 'status', tag, status, text, code };
}

export function untagged(status: 'OK' | 'NO' | 'BAD' | 'BYE', text: string, code?: ResponseCode): StatusResponse {
  return { type: 'status', tag: undefined, status, text, code };
}
