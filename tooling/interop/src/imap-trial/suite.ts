import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { tryAppending } from './appending.ts';
import { tryChanging } from './changing.ts';
import { tryExtras } from './extras.ts';
import { tryFetching } from './fetching.ts';
import { tryLogins } from './logins.ts';
import { tryMailboxes } from './mailboxes.ts';
import { tryNews } from './news.ts';
import { trySearching } from './searching.ts';
import { type ImapTrial, startTrial } from './session.ts';
import type { ImapSubject, TrialSetting } from './subject.ts';

/** Tries on a server what the client of IMAP does on every server. */
export function tryImap(subject: ImapSubject, isThere: boolean): void {
  describe.skipIf(!isThere)(`the client and ${subject.name}`, () => {
    let trial: ImapTrial;

    beforeAll(async () => {
      trial = await startTrial(subject.start);
    }, 120_000);
    afterEach(() => trial.leave());
    afterAll(() => trial?.stop());

    const setting: TrialSetting = {
      subject,
      trial: () => trial,
      lacks: (lack) => subject.lacks?.includes(lack) === true,
    };
    tryLogins(setting);
    tryMailboxes(setting);
    tryAppending(setting);
    tryFetching(setting);
    trySearching(setting);
    tryChanging(setting);
    tryNews(setting);
    tryExtras(setting);
  });
}
