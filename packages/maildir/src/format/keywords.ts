/**
 * Flags as letters of file names. The system flags have fixed letters; `a` to `z` stand for the keywords that the
 * mailbox's file `dovecot-keywords` names, with lines `<0 to 25> <name>`.
 * @module
 */
import { type Flag, StoreError } from '@posthorn/core';

const MAX_KEYWORDS = 26;

const SYSTEM: readonly (readonly [string, Flag])[] = [
  ['D', '\\Draft'],
  ['F', '\\Flagged'],
  ['R', '\\Answered'],
  ['S', '\\Seen'],
  ['T', '\\Deleted'],
];
const FLAG_OF_LETTER = new Map(SYSTEM);
const LETTER_OF_FLAG = new Map(SYSTEM.map(([letter, flag]) => [flag.toLowerCase(), letter]));

/** The keywords of one mailbox. A plain value; adding one makes another. */
export class Keywords {
  readonly names: readonly (string | undefined)[];
  readonly #letters: ReadonlyMap<string, string>;
  readonly #flags = new Map<string, readonly Flag[]>();

  constructor(names: readonly (string | undefined)[] = []) {
    this.names = names;
    const letters = new Map<string, string>();
    for (let index = 0; index < MAX_KEYWORDS; index++) {
      const key = (names[index] ?? placeholder(index)).toLowerCase();
      if (!letters.has(key)) letters.set(key, letterAt(index));
    }
    this.#letters = letters;
  }

  /** The letter that stands for a flag, or undefined for a keyword without one. `\Recent` has the empty letter. */
  letterOf(flag: Flag): string | undefined {
    const key = flag.toLowerCase();
    if (key === '\\recent') return '';
    return LETTER_OF_FLAG.get(key) ?? this.#letters.get(key);
  }

  /** The flags that letters stand for; letters without meaning are passed over. One frozen array per combination. */
  flagsOf(letters: string): readonly Flag[] {
    const known = this.#flags.get(letters);
    if (known !== undefined) return known;
    const flags: Flag[] = [];
    for (const letter of letters) {
      const system = FLAG_OF_LETTER.get(letter);
      if (system !== undefined) flags.push(system);
      else if (letter >= 'a' && letter <= 'z') flags.push(this.#nameOf(letter.charCodeAt(0) - 0x61));
    }
    const frozen = Object.freeze(flags);
    if (this.#flags.size === 4_096) this.#flags.clear();
    this.#flags.set(letters, frozen);
    return frozen;
  }

  /** The keywords that have a name. */
  list(): readonly Flag[] {
    return this.names.filter((name) => name !== undefined);
  }

  /**
   * The keywords with these added, as long as letters are left. `isUsed` tells letters that stand in file names, although nobody named them.
   * @throws {@link StoreError} `STORE_CANNOT` for what is no keyword.
   */
  with(flags: readonly Flag[], isUsed: (letter: string) => boolean): Keywords {
    const names = [...this.names];
    for (const flag of flags) {
      if (this.letterOf(flag) !== undefined || names.some((name) => name?.toLowerCase() === flag.toLowerCase()))
        continue;
      if (!isKeyword(flag)) throw new StoreError('STORE_CANNOT', 'a Maildir cannot keep a flag of that name');
      let index = 0;
      while (index < MAX_KEYWORDS && (names[index] !== undefined || isUsed(letterAt(index)))) index++;
      if (index < MAX_KEYWORDS) names[index] = flag;
    }
    return new Keywords(names);
  }

  #nameOf(index: number): string {
    return this.names[index] ?? placeholder(index);
  }
}

/** Whether a word can be a keyword here. */
export function isKeyword(word: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters refused
  return /^[^\\\u0000-\u0020\u007f][^\u0000-\u0020\u007f]*$/.test(word);
}

export function parseKeywords(text: string): Keywords {
  const names: (string | undefined)[] = [];
  for (const line of text.split(/\r?\n/)) {
    const space = line.indexOf(' ');
    const index = Number(line.slice(0, Math.max(0, space)));
    const name = line.slice(space + 1);
    if (space > 0 && Number.isInteger(index) && index >= 0 && index < MAX_KEYWORDS && name !== '')
      names[index] ??= name;
  }
  return new Keywords(names);
}

export function formatKeywords({ names }: Keywords): string {
  return names.map((name, index) => (name === undefined ? '' : `${index} ${name}\n`)).join('');
}

export function isKnownLetter(letter: string): boolean {
  return FLAG_OF_LETTER.has(letter) || (letter >= 'a' && letter <= 'z');
}

function letterAt(index: number): string {
  return String.fromCharCode(0x61 + index);
}

/** What Dovecot calls a letter that nobody named. */
function placeholder(index: number): string {
  return `unknown-${index}`;
}
