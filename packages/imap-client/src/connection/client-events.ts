/**
 * What goes in and out of {@link ImapClientProtocol}: commands, what to write, and what happened.
 * @module
 */
import type { Command, ContinuationRequest, InvalidResponse, ResponseEvent, StatusResponse } from '@posthorn/wire';

/** Where a session stands. @see RFC 9051 section 3 */
export type SessionState = 'greeting' | 'notAuthenticated' | 'authenticated' | 'selected' | 'logout';

/** A command given to {@link ImapClientProtocol.send}. */
export interface ClientCommand {
  readonly tag: string;
  readonly command: Command;
  /** Whether {@link ImapClientProtocol.output} has handed out its first octets. */
  readonly isStarted: boolean;
}

/** What to write next. */
export type ClientOutput =
  | { readonly type: 'bytes'; readonly bytes: Uint8Array; readonly isSecret: boolean }
  /**
   * Write exactly `size` octets of message `index` of an APPEND, or of its part `part` when it is catenated, then call
   * {@link ImapClientProtocol.messageSent}.
   */
  | {
      readonly type: 'message';
      readonly command: ClientCommand;
      readonly index: number;
      readonly part?: number | undefined;
      readonly size: number;
    };

/** The greeting came. `PREAUTH` and `BYE` are in `response.status`. */
export interface GreetingEvent {
  readonly type: 'greeting';
  readonly response: StatusResponse;
}

/** A command has ended. `response` is an {@link InvalidResponse} when its tagged line did not parse. */
export interface CompletedEvent {
  readonly type: 'completed';
  readonly command: ClientCommand;
  readonly response: StatusResponse | InvalidResponse;
}

/** The server waits for an answer to AUTHENTICATE. Call {@link ImapClientProtocol.answerChallenge}. */
export interface ChallengeEvent {
  readonly type: 'challenge';
  readonly command: ClientCommand;
  /** The challenge in base64, as sent. */
  readonly text: string;
}

/** IDLE is in force. */
export interface IdlingEvent {
  readonly type: 'idling';
  readonly command: ClientCommand;
}

/** Everything that is neither a greeting, nor tagged, nor a continuation request. */
export type UntaggedEvent = Exclude<ResponseEvent, ContinuationRequest>;
export type ClientEvent = GreetingEvent | CompletedEvent | ChallengeEvent | IdlingEvent | UntaggedEvent;
