import { isDeepStrictEqual } from 'node:util';
import {
  formatImapDate,
  formatInternalDate,
  formatMessageDate,
  formatRfc3339,
  parseImapDate,
  parseInternalDate,
  parseMessageDate,
  parseRfc3339,
  toDate,
} from '@posthorn/date';
import { keptInputs } from '../corpus.ts';
import { failureOf } from '../decode.ts';
import { textOf } from '../octets.ts';
import { octetsTarget } from '../octets-target.ts';
import { expectSame, type Target } from '../target.ts';
import { DATES } from '../text-grammars.ts';

/** Dates of every kind. */
export const dates: Target = octetsTarget({
  name: 'dates',
  seeds: keptInputs('dates'),
  grammar: { grammar: DATES, start: 'start' },
  check: (input) => {
    const text = textOf(input);
    checkRoundTrip(text, parseInternalDate, formatInternalDate);
    checkRoundTrip(text, parseImapDate, formatImapDate);
    checkRoundTrip(text, parseRfc3339, formatRfc3339);
    checkRoundTrip(text, parseMessageDate, formatMessageDate);
    const date = attempt(() => parseInternalDate(text)) ?? parseMessageDate(text);
    if (date !== undefined) expectSame(!Number.isNaN(toDate(date).getTime()), 'a date is no moment', date, text);
  },
});

function checkRoundTrip<Value>(
  text: string,
  parse: (text: string) => Value | undefined,
  format: (value: Value) => string,
): void {
  const value = attempt(() => parse(text));
  if (value === undefined) return;
  const again = parse(format(value));
  expectSame(isDeepStrictEqual(again, value), 'formatting changed a date', again, value);
}

function attempt<Value>(read: () => Value | undefined): Value | undefined {
  try {
    return read();
  } catch (error) {
    failureOf(error);
    return undefined;
  }
}
