import { AuthenticationError, TransportError } from '@posthorn/core';
import { BrokenResponseError, errorFacts } from '@posthorn/transport/serving';
import type { StatusResponse } from '@posthorn/wire';
import { execute } from '../commands/execute.ts';
import { tellOthers } from '../notify/tell-unasked.ts';
import { holdsExpunges, type KnownCommand } from '../protocol/command-rules.ts';
import type { ServerEvent } from '../protocol/server-protocol.ts';
import { completionOf, storeErrorCode } from '../replies/error-replies.ts';
import { CommandRefused, type Completion, tagged, untagged } from '../replies/replies.ts';
import { tellNews } from '../selected/tell-news.ts';
import { Progress } from './progress.ts';
import type { Session } from './session.ts';
import { SessionEnded } from './session-input.ts';

/** Commands whose own doing is told whatever a client asked for with NOTIFY. */
const OWN_EXPUNGES: ReadonlySet<string> = new Set(['EXPUNGE', 'MOVE', 'REPLACE', 'SELECT', 'EXAMINE']);

/** Commands that find less of a message that is gone. */
const SEARCHES: ReadonlySet<string> = new Set(['SEARCH', 'SORT', 'THREAD']);

/** Runs what a client asks for, one command after the other, and tells it what came of it and what happened meanwhile. */
export class CommandRunner {
  readonly #session: Session;
  #badCommands = 0;

  constructor(session: Session) {
    this.#session = session;
  }

  async handle(event: ServerEvent): Promise<void> {
    switch (event.type) {
      case 'continue':
        this.#session.output.send({ type: 'continuation', text: 'Go ahead' });
        return;
      case 'refused':
        return this.#refuse(event.response);
      case 'command':
        return this.#run(event.tag, event.command);
      case 'appendLiteral': {
        const { tag, mailbox, message, replaces } = event;
        if (replaces === undefined) return this.#run(tag, { name: 'APPEND', mailbox, messages: [message] }, event);
        return this.#run(tag, { name: 'REPLACE', mailbox, message, replaces }, event);
      }
      default:
        // Data and lines come only while a command waits for them.
        return;
    }
  }

  #refuse(response: StatusResponse): void {
    if (response.status === 'BAD') this.#badCommands++;
    this.#session.observer.command?.({ name: 'invalid', status: response.status, milliseconds: 0 });
    this.#session.output.send(response);
    if (this.#badCommands >= this.#session.limits.maxBadCommands)
      this.#session.input.endWith('Too many commands are wrong');
  }

  async #run(
    tag: string,
    command: KnownCommand,
    literal?: Extract<ServerEvent, { readonly type: 'appendLiteral' }>,
  ): Promise<void> {
    let completion: Completion;
    let lost: unknown;
    this.#session.progress = new Progress(this.#session, tag);
    const begun = this.#session.timers.now();
    try {
      completion = await execute(this.#session, tag, command, literal);
      if (completion.status === 'BAD') this.#badCommands++;
      else this.#badCommands = 0;
    } catch (error) {
      completion = this.#completionOf(error, command);
    }
    try {
      await this.#report(command);
    } catch (error) {
      lost = error;
      if (storeErrorCode(error) === undefined) throw error;
    }
    if (this.#session.protocol.state === 'logout') this.#session.output.send(untagged('BYE', 'Good-bye'));
    if (completion.tellsModSeq === true) completion = this.#withModSeq(completion);
    if (SEARCHES.has(command.name)) completion = this.#withWarning(completion);
    const isAnswered = command.name === 'STARTTLS' || command.name === 'COMPRESS';
    if (!isAnswered || completion.status !== 'OK') this.#session.output.send(tagged(tag, completion));
    const { status } = completion;
    this.#session.observer.command?.({ name: command.name, status, milliseconds: this.#session.timers.now() - begun });
    if (lost !== undefined) this.#loseMailbox(lost);
  }

  /** Errors of the store end the command; errors of the connection, and ends of the session, end the session. */
  #completionOf(error: unknown, command: KnownCommand): Completion {
    if (error instanceof CommandRefused) return error.completion;
    const isBroken = error instanceof BrokenResponseError || error instanceof TransportError;
    const isLost = error instanceof SessionEnded || isBroken || this.#session.signal.aborted;
    if (isLost || error === this.#session.input.failure || error === this.#session.output.failure) throw error;
    const fields = { ...this.#session.facts(), command: command.name, ...errorFacts(error) };
    if (storeErrorCode(error) !== undefined || error instanceof AuthenticationError)
      this.#session.log.info('command failed', fields);
    else {
      this.#session.log.error('command failed unexpectedly', fields);
      this.#session.observer.error?.('command');
    }
    return completionOf(error);
  }

  /** Tells the client what happened in its mailbox, as far as the command allows. */
  async #report(command: KnownCommand): Promise<void> {
    await tellOthers(this.#session);
    const { selected } = this.#session;
    if (selected === undefined) return;
    const isFresh = command.name === 'SELECT' || command.name === 'EXAMINE';
    // A FETCH looked when it began, and its own changes are known.
    if (!isFresh && (command.name !== 'FETCH' || selected.isHinted || selected.isStale))
      await selected.refresh(this.#session.signal);
    const { view } = selected;
    const isOwnExpunge = OWN_EXPUNGES.has(command.name);
    await tellNews(this.#session, selected, { holdExpunges: holdsExpunges(command), isOwnExpunge });
    // A client that breaks off now must come back with a mod-sequence from before the expunges it was not told.
    if (selected.hasModSeq && this.#session.modes.qresync && view.holdsVanished) {
      this.#session.output.send(untagged('OK', 'Expunges follow', { type: 'highestModSeq', modSeq: view.toldModSeq }));
    }
  }

  /** Names the mod-sequence up to which the client was just told everything. @see RFC 7162 section 3.2.7 */
  #withModSeq(completion: Completion): Completion {
    const { view, hasModSeq = false } = this.#session.selected ?? {};
    if (view === undefined || !hasModSeq || !this.#session.modes.qresync) return completion;
    return { ...completion, code: { type: 'highestModSeq', modSeq: view.toldModSeq } };
  }

  /** Says that messages the client still counts are gone, and may be missing from what was found. @see RFC 5530 section 3 */
  #withWarning(completion: Completion): Completion {
    const isWarned = completion.status !== 'OK' || completion.code !== undefined;
    if (isWarned || this.#session.selected?.view.holdsVanished !== true) return completion;
    return { ...completion, code: { type: 'atom', name: 'EXPUNGEISSUED' } };
  }

  #loseMailbox(error: unknown): void {
    this.#session.log.info('selected mailbox lost', { ...this.#session.facts(), ...errorFacts(error) });
    const isGone = storeErrorCode(error) === 'STORE_NONEXISTENT';
    this.#session.input.endWith(
      isGone ? 'The selected mailbox was deleted' : 'The selected mailbox cannot be read any more',
    );
  }
}
