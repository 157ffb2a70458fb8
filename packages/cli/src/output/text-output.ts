import type { SyncEvent } from '@posthorn/sync';
import cliProgress from 'cli-progress';
import type { Output, Streams, SyncProgress } from './output.ts';
import { printable } from './printable.ts';
import { bytesText } from './units.ts';

/** Words for people: results on standard output, progress and notes on standard error. */
export function textOutput({ stdout, stderr }: Streams): Output {
  return {
    event: () => {},
    line: (text) => void stdout.write(`${text}\n`),
    note: (text) => void stderr.write(`${printable(text)}\n`),
    progress: (title) => (stderr.isTTY ? barProgress(title, stderr) : plainProgress(stderr)),
  };
}

/** A bar over the messages of all mailboxes compared so far. */
function barProgress(title: string, stream: NodeJS.WritableStream): SyncProgress {
  const bar = new cliProgress.SingleBar({
    format: `${title} {bar} {value}/{total} messages, {size} {mailbox}`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    clearOnComplete: true,
    stream,
  });
  let total = 0;
  let doneBefore = 0;
  let bytesBefore = 0;
  bar.start(0, 0, { size: bytesText(0), mailbox: '' });
  return {
    update(event: SyncEvent) {
      if (event.type === 'mailboxStart') {
        total += event.missing;
        bar.setTotal(total);
        bar.update(doneBefore, { mailbox: printable(event.path.join('/')) });
      } else if (event.type === 'progress') {
        bar.update(doneBefore + event.added, { size: bytesText(bytesBefore + event.bytes) });
      } else if (event.type === 'mailboxDone') {
        doneBefore += event.added;
        bytesBefore += event.bytes;
      }
    },
    stop: () => bar.stop(),
  };
}

/** A line for every mailbox that changed. */
function plainProgress(stream: NodeJS.WritableStream): SyncProgress {
  return {
    update(event: SyncEvent) {
      if (event.type !== 'mailboxDone' || event.added + event.flagsChanged + event.removed === 0) return;
      const { path, added, flagsChanged, removed, bytes } = event;
      stream.write(
        `${printable(path.join('/'))}: ${added} added (${bytesText(bytes)}), ${flagsChanged} flags changed, ${removed} removed\n`,
      );
    },
    stop: () => {},
  };
}
