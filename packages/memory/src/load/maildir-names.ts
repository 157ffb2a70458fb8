import type { Flag } from '@posthorn/core';

const FLAGS: ReadonlyMap<string, Flag> = new Map([
  ['D', '\\Draft'],
  ['F', '\\Flagged'],
  ['P', '$Forwarded'],
  ['R', '\\Answered'],
  ['S', '\\Seen'],
  ['T', '\\Deleted'],
]);

/** The flags in the name of a Maildir file. Letters that nothing is known of are left out. */
export function flagsOfName(name: string, keywords: ReadonlyMap<string, Flag>): readonly Flag[] {
  const [, letters = ''] = /[:;!]2,([A-Za-z]*)[^:;!]*$/.exec(name) ?? [];
  return [...letters].flatMap((letter) => FLAGS.get(letter) ?? keywords.get(letter) ?? []);
}

/** The order in which messages were delivered: seconds, microseconds, then the name. */
export function compareMaildirNames(left: string, right: string): number {
  const [one, other] = [moment(left), moment(right)];
  return (
    one.seconds - other.seconds || one.microseconds - other.microseconds || (left < right ? -1 : Number(left > right))
  );
}

function moment(name: string): { readonly seconds: number; readonly microseconds: number } {
  const [, seconds = '0', microseconds = '0'] = /^(\d+)(?:\.[^.]*?M(\d+))?/.exec(name) ?? [];
  return { seconds: Number(seconds), microseconds: Number(microseconds) };
}
