/** A subject without what replying, forwarding and mailing lists put around it. */
export interface BaseSubject {
  /** What is left, in the case it was written in. */
  readonly text: string;
  /** Whether a mark of a reply or forward was removed: `Re:`, `Fw:`, `Fwd:`, `(fwd)`, `[fwd: ]`. */
  readonly isReplyOrForward: boolean;
}

/**
 * Extracts the base subject, in linear time.
 *
 * Subjects that collate alike need not have base subjects that do: a no-break space is white space to the collation
 * and not to this grammar. To compare, map first: `baseSubject(unicodeCasemap(subject))`, as sorting and threading do.
 *
 * @param subject - The text of a Subject field, encoded words decoded.
 * @see RFC 5256 section 2.1
 */
export function baseSubject(subject: string): BaseSubject {
  const text = subject.replace(/[ \t\r\n]+/g, ' ');
  const trimmed: Trimmed = { text, start: 0, end: text.length, isReplyOrForward: false };
  do {
    removeTrailers(trimmed);
    removeLeaders(trimmed);
  } while (removeForward(trimmed));
  return { text: text.slice(trimmed.start, trimmed.end), isReplyOrForward: trimmed.isReplyOrForward };
}

/** What is left of a subject: the text from `start` to `end`. */
interface Trimmed {
  readonly text: string;
  start: number;
  end: number;
  isReplyOrForward: boolean;
}

/** Step 2: `subj-trailer`. */
function removeTrailers(trimmed: Trimmed): void {
  const { text, start } = trimmed;
  while (trimmed.end > start) {
    if (text[trimmed.end - 1] === ' ') trimmed.end--;
    else if (trimmed.end - start >= 5 && isWord(text, trimmed.end - 5, trimmed.end, '(fwd)')) {
      trimmed.end -= 5;
      trimmed.isReplyOrForward = true;
    } else return;
  }
}

/** Steps 3 to 5: `subj-leader`, and blobs that leave something. A run of blobs is looked at once. */
function removeLeaders(trimmed: Trimmed): void {
  for (;;) {
    trimmed.start = behindSpace(trimmed, trimmed.start);
    let lastBlob = trimmed.start;
    let behindBlobs = trimmed.start;
    for (let next = behindBlob(trimmed, behindBlobs); next > behindBlobs; next = behindBlob(trimmed, behindBlobs)) {
      lastBlob = behindBlobs;
      behindBlobs = next;
    }
    const behindMark = behindReplyMark(trimmed, behindBlobs);
    if (behindMark === behindBlobs) {
      trimmed.start = behindBlobs < trimmed.end ? behindBlobs : lastBlob;
      return;
    }
    trimmed.start = behindMark;
    trimmed.isReplyOrForward = true;
  }
}

/** Step 6: `[fwd: ... ]`. */
function removeForward(trimmed: Trimmed): boolean {
  const { text, start, end } = trimmed;
  if (text[end - 1] !== ']' || end - start < 6 || !isWord(text, start, start + 5, '[fwd:')) return false;
  trimmed.start = start + 5;
  trimmed.end = end - 1;
  trimmed.isReplyOrForward = true;
  return true;
}

/** `subj-blob`: where it and the space behind it end, or `at` when there is none. */
function behindBlob(trimmed: Trimmed, at: number): number {
  if (trimmed.text[at] !== '[') return at;
  for (let index = at + 1; index < trimmed.end; index++) {
    const letter = trimmed.text[index];
    if (letter === ']') return behindSpace(trimmed, index + 1);
    if (letter === '[') return at;
  }
  return at;
}

/** `subj-refwd`: where it ends, or `at` when there is none. */
function behindReplyMark(trimmed: Trimmed, at: number): number {
  const { text, end } = trimmed;
  const word = ['re', 'fwd', 'fw'].find((each) => at + each.length <= end && isWord(text, at, at + each.length, each));
  if (word === undefined) return at;
  const colon = behindBlob(trimmed, behindSpace(trimmed, at + word.length));
  return colon < end && text[colon] === ':' ? colon + 1 : at;
}

function behindSpace({ text, end }: Trimmed, at: number): number {
  return at < end && text[at] === ' ' ? at + 1 : at;
}

/** Whether the text between two places is this word, given in lower case. */
function isWord(text: string, start: number, end: number, word: string): boolean {
  return text.slice(start, end).toLowerCase() === word;
}
