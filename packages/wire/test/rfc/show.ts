import type { Uid, UidSet } from '@posthorn/core';
import { formatSequenceSet, formatSet, type SequenceSet } from '@posthorn/message-set';
import { latin1 } from '../feed.ts';

/** A value on one line, short enough to review: sets as they are spelled, octets as text, names as their wire spelling. */
export function show(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return String(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof Uint8Array) return `octets ${JSON.stringify(latin1(value))}`;
  if (value instanceof Map) return `map {${[...value].map(([key, each]) => `${show(key)}: ${show(each)}`).join(', ')}}`;
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  if (typeof value !== 'object') throw new TypeError(`no decoder makes a ${typeof value}`);
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  if (entries.length === 1 && entries[0]![0] === 'ranges') return `<${formatSequenceSet(value as SequenceSet<Uid>)}>`;
  if (entries.length === 1 && entries[0]![0] === 'bounds') return `<${formatSet(value as UidSet)}>`;
  if (isPlainName(value)) return `mailbox ${show(value.text)}`;
  return `{${entries.map(([name, each]) => `${name}: ${show(each)}`).join(', ')}}`;
}

/** A mailbox name whose wire spelling is its text. */
function isPlainName(value: object): value is { readonly text: string } {
  return Object.keys(value).length === 2 && 'text' in value && 'wire' in value && value.text === value.wire;
}
