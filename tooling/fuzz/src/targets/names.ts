import {
  compilePattern,
  decodeModifiedUtf7,
  encodeModifiedUtf7,
  joinPath,
  mailboxName,
  mailboxNameFromWire,
  splitName,
} from '@posthorn/mailbox-name';
import { keptInputs } from '../corpus.ts';
import { textOf } from '../octets.ts';
import { octetsTarget } from '../octets-target.ts';
import { expectSame, type Target } from '../target.ts';
import { NAMES } from '../text-grammars.ts';

const LONGEST_MATCHED = 24;

/** Names of mailboxes, and patterns for them. */
export const names: Target = octetsTarget({
  name: 'names',
  seeds: keptInputs('names'),
  grammar: { grammar: NAMES, start: 'start' },
  check: (input) => {
    const wire = textOf(input);
    checkDecoding(wire);
    checkEncoding(wire);
    checkEncoding(new TextDecoder('utf-16le').decode(input));
    checkPattern(wire);
  },
});

function checkDecoding(wire: string): void {
  const { text, faults } = decodeModifiedUtf7(wire);
  if (faults.length === 0) {
    const encoded = encodeModifiedUtf7(text);
    expectSame(encoded === wire, 'a name without faults has another spelling', encoded, wire);
  }
  const name = mailboxNameFromWire(wire);
  expectSame(name.wire === wire && name.text === text, 'a name lost its spelling', name, wire);
}

function checkEncoding(text: string): void {
  const { wire } = mailboxName(text);
  const decoded = decodeModifiedUtf7(wire);
  expectSame(decoded.text === text, 'encoding changed a name', decoded.text, text);
  expectSame(/^[\x20-\x7e]*$/.test(wire), 'an encoded name holds more than printable ASCII', wire, text);
  const path = splitName(text, '/');
  const joined = joinPath(path, '/');
  const again = splitName(joined, '/');
  expectSame(again.join('\0') === path.join('\0'), 'joining changed a path', again, path);
}

/** The first half of the text as a pattern for the second. */
function checkPattern(text: string): void {
  const half = text.length >> 1;
  const pattern = text.slice(0, half);
  const name = text.slice(half);
  const matches = compilePattern(pattern, '/')(name);
  if (text.length > LONGEST_MATCHED || /inbox/i.test(text)) return;
  const expected = referenceMatch(pattern, name);
  expectSame(matches === expected, `pattern and name ${matches ? 'match' : 'do not match'}`, pattern, name);
}

/** The meaning of a pattern, spelled out. */
function referenceMatch(pattern: string, name: string): boolean {
  const first = pattern[0];
  if (first === undefined) return name === '';
  const rest = pattern.slice(1);
  if (first !== '*' && first !== '%') return name[0] === first && referenceMatch(rest, name.slice(1));
  if (referenceMatch(rest, name)) return true;
  return name !== '' && (first === '*' || name[0] !== '/') && referenceMatch(pattern, name.slice(1));
}
