import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Bench, figuresOf } from './bench.ts';
import { writeMaildir } from './make-mail.ts';
import { giveToRuns } from './turns.ts';

/** The heap that the metadata of a large mailbox takes. */
export async function memoryBench({ folder, settings, own }: Bench): Promise<string> {
  const root = join(folder, 'heap');
  const { listed: messages } = settings;
  writeMaildir(root, messages);
  giveToRuns(root);
  const heap = (store: 'memory' | 'maildir'): string => {
    const { megabytes } = figuresOf(own({ work: 'heap', store, root, messages }, '--expose-gc'));
    return megabytes!.toFixed(1);
  };
  const text = `Heap of the metadata of ${messages} messages, bodies left out: memory ${heap('memory')} MB, maildir ${heap('maildir')} MB\n`;
  rmSync(root, { recursive: true });
  return text;
}
