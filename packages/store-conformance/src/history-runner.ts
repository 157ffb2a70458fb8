import type { Account, Cursor, Mailbox, MailboxPath, MailboxStatus, StoreErrorCode, Uid } from '@posthorn/core';
import { assertNever, sessionId, uid } from '@posthorn/core';
import { ids, setOf } from '@posthorn/message-set';
import { expectEqual, expectRefusal, expectThat } from './expect.ts';
import { BOXES, type Step } from './history.ts';
import { all, EVERY, mail, newMessage, normalFlags, readBytes } from './mail.ts';
import { ModelMailbox } from './model.ts';

/** What one session believes a mailbox to hold, by folding in changes. */
interface View {
  readonly of: ModelMailbox;
  readonly mailbox: Mailbox;
  readonly messages: Map<Uid, readonly string[]>;
  cursor: Cursor | undefined;
}

/** Runs a history against a store and a model of it, comparing after every step. */
export class HistoryRunner {
  readonly #sessions: readonly Account[];
  readonly #paths: readonly MailboxPath[];
  readonly #models: (ModelMailbox | undefined)[] = Array.from({ length: BOXES }, () => undefined);
  readonly #views = new Map<string, View>();
  #subjects = 0;

  constructor(sessions: readonly Account[], prefix: string) {
    this.#sessions = sessions;
    this.#paths = this.#models.map((_, box) => [`${prefix}-${box}`] as const);
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (let box = 0; box < BOXES; box++) await this.#step({ type: 'create', session: 0, box });
    for (const step of steps) await this.#step(step);
    for (let box = 0; box < BOXES; box++) {
      for (let session = 0; session < this.#sessions.length; session++)
        await this.#step({ type: 'look', session, box });
      await this.#expectContent(box);
    }
  }

  async #step(step: Step): Promise<void> {
    const account = this.#sessions[step.session]!;
    const path = this.#paths[step.box]!;
    const model = this.#models[step.box];
    if (step.type === 'create') return this.#create(account, step.box);
    if (model === undefined) return expectRefusal(account.mailbox(path), 'STORE_NONEXISTENT', `opening ${path[0]}`);
    switch (step.type) {
      case 'append':
        return this.#append(await account.mailbox(path), model, step);
      case 'store':
        return this.#store(await account.mailbox(path), model, step);
      case 'expunge':
        return this.#expunge(await account.mailbox(path), model, step);
      case 'transfer':
        return this.#transfer(account, step, model);
      case 'delete':
        await account.delete(path);
        this.#models[step.box] = undefined;
        return;
      case 'rename':
        return this.#rename(account, step.box, step.to);
      case 'claim':
        return this.#claim(await account.mailbox(path), model, step.session);
      case 'look':
        return this.#look(step, model);
      default:
        return assertNever(step);
    }
  }

  async #create(account: Account, box: number): Promise<void> {
    const path = this.#paths[box]!;
    if (this.#models[box] !== undefined) return expectRefusal(account.create(path), 'STORE_ALREADY_EXISTS', 'creating');
    await account.create(path);
    this.#models[box] = new ModelMailbox();
  }

  async #append(mailbox: Mailbox, model: ModelMailbox, { flags }: Step & { type: 'append' }): Promise<void> {
    const messages = flags.map((each) => ({ subject: `model-${this.#subjects++}`, flags: normalFlags(each) }));
    const { uids } = await mailbox.append(
      messages.map(({ subject }, index) => newMessage(mail(subject), flags[index])),
    );
    expectEqual(uids.length, messages.length, 'UIDs of the batch');
    for (const [index, message] of messages.entries()) this.#add(model, uids[index]!, message);
  }

  async #store(mailbox: Mailbox, model: ModelMailbox, step: Step & { type: 'store' }): Promise<void> {
    const found = model.among(step.uids);
    for (const each of found) model.store(each, step.operation, step.flags);
    const { stored, missing } = await mailbox.store(toSet(step.uids), step.operation, step.flags);
    const expected = found.map((each) => ({ uid: each, flags: model.messages.get(each)!.flags }));
    expectEqual(
      stored.map((each) => ({ uid: each.uid, flags: normalFlags(each.flags) })),
      expected,
      'the messages stored',
    );
    expectEqual(missing, toSet(step.uids.filter((each) => !model.messages.has(each as Uid))), 'the UIDs missing');
  }

  async #expunge(
    mailbox: Mailbox,
    model: ModelMailbox,
    { uids, onlyDeleted }: Step & { type: 'expunge' },
  ): Promise<void> {
    const gone = model
      .among(uids)
      .filter((each) => !onlyDeleted || model.messages.get(each)!.flags.includes('\\deleted'));
    const { expunged } = await mailbox.expunge(toSet(uids), { onlyDeleted });
    expectEqual(expunged, setOf(gone), 'the UIDs expunged');
    for (const each of gone) model.remove(each);
  }

  async #transfer(account: Account, step: Step & { type: 'transfer' }, source: ModelMailbox): Promise<void> {
    const [from, to] = [this.#paths[step.box]!, this.#paths[step.to]!];
    const work = account.transfer(from, toSet(step.uids), to, step.mode);
    const target = this.#models[step.to];
    if (target === undefined) return expectRefusal(work, 'STORE_NONEXISTENT', 'transferring');
    const pairs = await work;
    const moved = source.among(step.uids).map((each) => [each, source.messages.get(each)!] as const);
    expectEqual(
      pairs.from,
      moved.map(([each]) => each),
      'the UIDs transferred',
    );
    for (const [index, [, message]] of moved.entries()) this.#add(target, pairs.to[index]!, message);
    if (step.mode === 'move') for (const [each] of moved) source.remove(each);
  }

  async #rename(account: Account, from: number, to: number): Promise<void> {
    const work = account.rename(this.#paths[from]!, this.#paths[to]!);
    const taken: StoreErrorCode = 'STORE_ALREADY_EXISTS';
    if (this.#models[to] !== undefined) return expectRefusal(work, taken, 'renaming onto a mailbox');
    await work;
    this.#models[to] = this.#models[from];
    this.#models[from] = undefined;
    // The mailbox is known under another name now, so that every session opens it anew.
    for (let session = 0; session < this.#sessions.length; session++) {
      for (const box of [from, to]) this.#views.delete(`${session} ${box}`);
    }
  }

  async #claim(mailbox: Mailbox, model: ModelMailbox, session: number): Promise<void> {
    const claimed = await mailbox.claimRecent(sessionId(`session-${session}`));
    expectEqual(claimed, setOf(model.unclaimed), 'the messages claimed');
    model.unclaimed.clear();
  }

  /** Folds in what happened since this session last looked, and compares. */
  async #look({ session, box }: Step, model: ModelMailbox): Promise<void> {
    const view = await this.#view(session, box, model);
    const page = await view.mailbox.changes(view.cursor);
    if (!page.complete) view.messages.clear();
    for (const each of ids(page.vanished))
      expectThat(view.messages.delete(each), `UID ${each}, which vanished, was known`);
    for (const each of page.changed)
      expectThat(view.messages.has(each.uid), `UID ${each.uid}, which changed, was known`);
    for (const each of page.added)
      expectThat(!view.messages.has(each.uid), `UID ${each.uid}, which is new, was not known`);
    for (const each of [...page.changed, ...page.added]) view.messages.set(each.uid, normalFlags(each.flags));
    view.cursor = page.cursor;
    const expected = model.uids.map((each) => [each, model.messages.get(each)!.flags]);
    expectEqual(view.messages, expected, 'what the session knows');
    expectStatus(await this.#sessions[session]!.status(this.#paths[box]!), model);
  }

  async #view(session: number, box: number, model: ModelMailbox): Promise<View> {
    const key = `${session} ${box}`;
    const known = this.#views.get(key);
    if (known?.of === model) return known;
    const mailbox = await this.#sessions[session]!.mailbox(this.#paths[box]!);
    const fresh: View = { of: model, mailbox, messages: new Map(), cursor: undefined };
    this.#views.set(key, fresh);
    return fresh;
  }

  async #expectContent(box: number): Promise<void> {
    const model = this.#models[box];
    if (model === undefined) return;
    const mailbox = await this.#sessions[0]!.mailbox(this.#paths[box]!);
    const rows = await all(mailbox.scan(EVERY, ['flags', 'envelope']));
    const found = rows.map((row) => [row.uid, row.envelope.subject, normalFlags(row.flags)]);
    expectEqual(
      found,
      model.uids.map((each) => [each, model.messages.get(each)!.subject, model.messages.get(each)!.flags]),
      'the content',
    );
    for (const [each, { subject }] of model.messages)
      expectEqual(await readBytes(mailbox, each), mail(subject), `UID ${each}`);
  }

  #add(model: ModelMailbox, id: Uid, message: { readonly subject: string; readonly flags: readonly string[] }): void {
    expectThat(id >= model.uidNext, `UID ${id} is not below ${model.uidNext}`);
    model.add(id, message);
  }
}

function expectStatus(status: MailboxStatus, model: ModelMailbox): void {
  const { messages, recent, unseen, deleted } = status;
  const expected = {
    messages: model.messages.size,
    recent: model.unclaimed.size,
    unseen: model.messages.size - model.count('\\Seen'),
    deleted: model.count('\\Deleted'),
  };
  expectEqual({ messages, recent, unseen, deleted }, expected, 'the status');
  expectThat(status.uidNext >= model.uidNext, 'uidNext is above every UID');
}

function toSet(uids: readonly number[]): ReturnType<typeof setOf<Uid>> {
  return setOf(uids.map(uid));
}
