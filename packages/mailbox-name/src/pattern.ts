import { checkDelimiter, type Delimiter, isInbox } from './path.ts';

const STAR = 0x2a;
const PERCENT = 0x25;
const INBOX_LENGTH = 5;
const WORD_BITS = 32;

/**
 * Makes a test for names out of a LIST pattern: `*` stands for anything, `%` for anything but the delimiter.
 * Letters are compared exactly, but for those of INBOX at the top of the hierarchy, which match in any case.
 *
 * The pattern is an automaton whose states are the bits of machine words, so a name is read once, from left to
 * right, whatever the wildcards: the time is proportional to the length of the name, times one word for every 32 characters of
 * the pattern. Nothing backtracks.
 *
 * @param pattern - Reference and pattern joined, decoded.
 * @throws RangeError for a delimiter that is not one character.
 * @see RFC 9051 section 6.3.9
 */
export function compilePattern(pattern: string, delimiter: Delimiter): (name: string) => boolean {
  checkDelimiter(delimiter);
  const automaton = build(pattern);
  const separator = delimiter === null ? -1 : delimiter.charCodeAt(0);
  return (name) => run(automaton, name, separator);
}

/**
 * State `n` means that `n` literal characters of the pattern are matched. It is kept by any character when a `*`
 * comes next, and by any but the delimiter when a `%` does; its literal leads to the next state.
 */
interface Automaton {
  readonly keptByAll: Uint32Array;
  readonly keptWithinLevel: Uint32Array;
  /** For each character, the states it leads on from, as words that are not zero. */
  readonly advancing: ReadonlyMap<number, readonly StateWord[]>;
  readonly final: number;
  /** Scratch space of one run. */
  readonly current: Uint32Array;
  readonly next: Uint32Array;
}

interface StateWord {
  readonly word: number;
  bits: number;
}

function build(pattern: string): Automaton {
  const words = Math.ceil((pattern.length + 1) / WORD_BITS);
  const keptByAll = new Uint32Array(words);
  const keptWithinLevel = new Uint32Array(words);
  const advancing = new Map<number, StateWord[]>();
  let state = 0;
  for (let offset = 0; offset < pattern.length; offset++) {
    const code = pattern.charCodeAt(offset);
    const word = Math.floor(state / WORD_BITS);
    const bit = 1 << (state % WORD_BITS);
    if (code === STAR) keptByAll[word]! |= bit;
    if (code === STAR || code === PERCENT) keptWithinLevel[word]! |= bit;
    else {
      addState(advancing, code, word, bit);
      state++;
    }
  }
  return {
    keptByAll,
    keptWithinLevel,
    advancing,
    final: state,
    current: new Uint32Array(words),
    next: new Uint32Array(words),
  };
}

function addState(advancing: Map<number, StateWord[]>, code: number, word: number, bit: number): void {
  const known = advancing.get(code);
  const last = known?.at(-1);
  if (last?.word === word) last.bits |= bit;
  else if (known !== undefined) known.push({ word, bits: bit });
  else advancing.set(code, [{ word, bits: bit }]);
}

function run(automaton: Automaton, name: string, separator: number): boolean {
  const inboxEnd = hasInboxOnTop(name, separator) ? INBOX_LENGTH : 0;
  let { current, next } = automaton;
  current.fill(0);
  current[0] = 1;
  for (let offset = 0; offset < name.length; offset++) {
    const code = name.charCodeAt(offset);
    const kept = code === separator ? automaton.keptByAll : automaton.keptWithinLevel;
    let alive = 0;
    for (let word = 0; word < current.length; word++) alive |= next[word] = current[word]! & kept[word]!;
    alive |= advance(automaton, code, current, next);
    if (offset < inboxEnd) alive |= advance(automaton, code ^ 0x20, current, next);
    if (alive === 0) return false;
    [current, next] = [next, current];
  }
  return ((current[Math.floor(automaton.final / WORD_BITS)]! >>> (automaton.final % WORD_BITS)) & 1) === 1;
}

/** Adds the states that a character leads to; not zero when there are any. */
function advance({ advancing }: Automaton, code: number, current: Uint32Array, next: Uint32Array): number {
  let alive = 0;
  for (const { word, bits } of advancing.get(code) ?? []) {
    const leaving = current[word]! & bits;
    if (leaving === 0) continue;
    alive = 1;
    next[word]! |= leaving << 1;
    if (leaving >>> (WORD_BITS - 1) === 1) next[word + 1]! |= 1;
  }
  return alive;
}

function hasInboxOnTop(name: string, separator: number): boolean {
  const isAlone = name.length === INBOX_LENGTH || name.charCodeAt(INBOX_LENGTH) === separator;
  return isAlone && isInbox(name.slice(0, INBOX_LENGTH));
}
