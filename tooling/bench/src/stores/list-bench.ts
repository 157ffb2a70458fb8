import { join } from 'node:path';
import type { Bench } from './bench.ts';
import { dropIndexes, writeMaildir } from './make-mail.ts';
import { doveadm, listWithMailbox, listWithNode, listWithScandir } from './peers.ts';
import { giveToRuns, type Runner, takeTurns, turnsTable } from './turns.ts';

/** Keys and flags of all messages of a large mailbox, with and without what was kept beside it. */
export async function listBench({ folder, settings, own }: Bench): Promise<string> {
  const root = join(folder, 'listed');
  writeMaildir(root, settings.listed);
  giveToRuns(folder);
  const dovecot = doveadm(folder, root)('fetch', 'uid flags', 'all');
  const ours = own({ work: 'list', root });
  const prepare = (): void => dropIndexes(root);
  const runners: readonly Runner[] = [
    { name: 'ours, cold', prepare, command: ours },
    { name: 'ours, warm', command: ours },
    { name: 'our process, doing nothing', command: own({ work: 'nothing' }) },
    { name: 'doveadm, cold', prepare, command: dovecot },
    { name: 'doveadm, warm', command: dovecot },
    { name: 'Python mailbox.Maildir', prepare, command: listWithMailbox(root) },
    { name: 'Python os.scandir', command: listWithScandir(root) },
    { name: 'Node readdir', command: listWithNode(root) },
  ];
  return turnsTable(
    `Opening and listing ${settings.listed} messages`,
    runners,
    await takeTurns(runners, settings.rounds),
  );
}
