import { AuthenticationError } from '@posthorn/core';
import type { ClientMechanism } from './mechanism.ts';

interface Script {
  readonly name: string;
  readonly initialResponse?: Uint8Array;
  /** The answers to the challenges that must come before success. */
  readonly answers?: readonly Uint8Array[];
  /** Answers the challenge in which the server says why it refuses, when the mechanism has one. */
  readonly refusalAnswer?: Uint8Array;
  /** Reads that challenge. */
  readonly readRefusal?: (challenge: Uint8Array) => string;
}

/** A mechanism whose messages are known from the start. The secrets in them do not show when it is inspected. */
export class ScriptedMechanism implements ClientMechanism {
  readonly name: string;
  readonly clientFirst: boolean;
  readonly #script: Script;
  #answered = 0;
  #serverError: string | undefined;

  constructor(script: Script) {
    this.name = script.name;
    this.clientFirst = script.initialResponse !== undefined;
    this.#script = script;
  }

  get initialResponse(): Uint8Array | undefined {
    return this.#script.initialResponse;
  }

  get serverError(): string | undefined {
    return this.#serverError;
  }

  respond(challenge: Uint8Array): Uint8Array {
    const { answers = [], refusalAnswer, readRefusal } = this.#script;
    const answer = answers[this.#answered++];
    if (answer !== undefined) return answer;
    if (refusalAnswer !== undefined && this.#serverError === undefined) {
      this.#serverError = readRefusal?.(challenge) ?? '';
      return refusalAnswer;
    }
    throw new AuthenticationError('AUTH_PROTOCOL', `the server sent more challenges than ${this.name} has`);
  }

  finished(): void {
    const { answers = [] } = this.#script;
    if (this.#answered < answers.length) {
      throw new AuthenticationError('AUTH_PROTOCOL', `the server ended ${this.name} before it asked for everything`);
    }
    if (this.#serverError !== undefined) {
      throw new AuthenticationError('AUTH_PROTOCOL', `the server refused in ${this.name} and then reported success`);
    }
  }
}
