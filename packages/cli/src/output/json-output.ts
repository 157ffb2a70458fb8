import type { SyncEvent } from '@posthorn/sync';
import { jsonLine, type Output, type Streams } from './output.ts';
import { printable } from './printable.ts';

/** One machine-readable object a line on standard output; notes go to standard error. */
export function jsonOutput({ stdout, stderr }: Streams): Output {
  return {
    event: (event) => void stdout.write(jsonLine(event)),
    line: () => {},
    note: (text) => void stderr.write(`${printable(text)}\n`),
    progress: () => ({
      update: ({ type, ...rest }: SyncEvent) => void stdout.write(jsonLine({ event: type, ...rest })),
      stop: () => {},
    }),
  };
}
