import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from './bench.ts';
import { eightKilobytes } from './make-mail.ts';
import { deliverWithMailbox } from './peers.ts';
import { giveToRuns, type Runner, takeTurns, turnsTable } from './turns.ts';

/** Single messages of 8 KB, delivered by one process, with and without waiting for the disk. */
export async function deliverBench({ folder, settings, own }: Bench): Promise<string> {
  const roots = join(folder, 'delivered');
  const root = join(roots, 'now');
  const file = join(folder, 'message');
  const { changed: messages, rounds } = settings;
  let runs = 0;
  // What was delivered is only set aside: for some seconds after files are removed, ext4 takes many times as long to
  // make one.
  const prepare = (): void => {
    if (existsSync(root)) renameSync(root, join(roots, String(++runs)));
    for (const name of ['cur', 'new', 'tmp']) mkdirSync(join(root, name), { recursive: true });
    giveToRuns(root);
  };
  writeFileSync(file, eightKilobytes());
  giveToRuns(folder);
  const tables: string[] = [];
  for (const fsync of [false, true]) {
    const runners: readonly Runner[] = [
      { name: 'ours', prepare, command: own({ work: 'deliver', root, messages, fsync }) },
      { name: 'Python mailbox.Maildir', prepare, command: deliverWithMailbox(root, messages, file, fsync) },
    ];
    const title = `Delivering ${messages} messages of 8 KB, ${fsync ? 'each on the disk' : 'without fsync'}`;
    tables.push(turnsTable(title, runners, await takeTurns(runners, rounds)));
  }
  rmSync(roots, { recursive: true, force: true });
  return tables.join('\n');
}
