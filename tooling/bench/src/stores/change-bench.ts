import { join } from 'node:path';
import type { Bench } from './bench.ts';
import { linkMaildir, makeFolder, writeMaildir } from './make-mail.ts';
import { doveadm } from './peers.ts';
import { answerOf, giveToRuns, type Runner, takeTurns, turnsTable } from './turns.ts';

/** Flags, copies, moves and expunges of many messages at once, against `doveadm` doing the same. */
export async function changeBench({ folder, settings, own }: Bench): Promise<string> {
  const { changed, rounds } = settings;
  const template = join(folder, 'changed');
  writeMaildir(template, changed);
  giveToRuns(folder);
  const [ours, theirs] = [join(folder, 'ours'), join(folder, 'theirs')];
  const dovecot = doveadm(folder, theirs);
  const list = { ours: own({ work: 'list', root: ours }), theirs: dovecot('fetch', 'uid flags', 'all') };
  const fresh = (side: 'ours' | 'theirs'): void => {
    const root = side === 'ours' ? ours : theirs;
    linkMaildir(template, root);
    makeFolder(root, 'Archive');
    for (let round = 0; round <= rounds; round++) makeFolder(root, `Copies${round}`);
    giveToRuns(root);
    answerOf(list[side]);
  };
  fresh('ours');
  fresh('theirs');
  const inTurn = async (
    title: string,
    left: Runner['command'],
    right: Runner['command'],
    isFresh = false,
  ): Promise<string> => {
    const runners: readonly Runner[] = [
      { name: 'ours', command: left, ...(isFresh ? { prepare: () => fresh('ours') } : {}) },
      { name: 'doveadm', command: right, ...(isFresh ? { prepare: () => fresh('theirs') } : {}) },
    ];
    return turnsTable(title, runners, await takeTurns(runners, rounds));
  };
  const isSet = (round: number): boolean => round % 2 === 0;
  const [there, back] = [
    { from: 'INBOX', to: 'Archive' },
    { from: 'Archive', to: 'INBOX' },
  ];
  const moved = (round: number): typeof there => (round % 2 === 0 ? there : back);
  return [
    await inTurn(
      `Changing the flags of ${changed} messages`,
      (round) => own({ work: 'flags', root: ours, isSet: isSet(round) }),
      (round) => dovecot('flags', isSet(round) ? 'add' : 'remove', '\\Answered', 'mailbox', 'INBOX', 'all'),
    ),
    await inTurn(
      `Copying ${changed} messages`,
      (round) => own({ work: 'transfer', root: ours, mode: 'copy', from: 'INBOX', to: `Copies${round}` }),
      (round) => dovecot('copy', `Copies${round}`, 'mailbox', 'INBOX', 'all'),
    ),
    await inTurn(
      `Moving ${changed} messages`,
      (round) => own({ work: 'transfer', root: ours, mode: 'move', ...moved(round) }),
      (round) => dovecot('move', moved(round).to, 'mailbox', moved(round).from, 'all'),
    ),
    await inTurn(
      `Expunging half of ${changed} messages`,
      own({ work: 'expunge', root: ours }),
      dovecot('expunge', 'mailbox', 'INBOX', 'FLAGGED'),
      true,
    ),
  ].join('\n');
}
