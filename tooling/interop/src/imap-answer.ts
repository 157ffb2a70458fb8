import { type ImapValue, responseValues, valueText } from './imap-response.ts';

/**
 * What a server answered to a command, in a form that two servers share when they mean the same: one line each for what
 * was expunged, the last count of messages, all that was told of a message, and every other response; sorted; numbers
 * that servers choose as `#`; and last the condition of the tagged response with its code.
 *
 * @param command - what was asked: UIDs count when it speaks of them, since servers may add them to any FETCH
 * @param lines - the untagged responses
 * @param tagged - the tagged response without its tag
 */
export function comparableAnswer(command: string, lines: readonly string[], tagged: string): readonly string[] {
  const messages = new Messages(/\bUID\b|\b(?:CONDSTORE|QRESYNC|MODSEQ)\b/i.test(command));
  const others: string[] = [];
  for (const line of lines) {
    const text = line.slice(2);
    if (!messages.take(text)) others.push(...otherResponse(text));
  }
  return [...[...messages.lines(), ...others].toSorted(), statusLine(tagged)];
}

/** Names messages by the number they had when the command began, whatever order they are expunged in. */
class Messages {
  readonly #showsUids: boolean;
  /** Numbers of messages from before, without those expunged; absent ends have shifted by what is gone. */
  readonly #gone: number[] = [];
  readonly #facts = new Map<number, Map<string, string>>();
  readonly #counts = new Map<string, string>();

  constructor(showsUids: boolean) {
    this.#showsUids = showsUids;
  }

  /** @returns whether the response is about messages */
  take(text: string): boolean {
    const [, number, name, rest] = /^(\d+) ([A-Za-z]+)(?: (.*))?$/s.exec(text) ?? [];
    if (number === undefined || name === undefined) return false;
    switch (name.toUpperCase()) {
      case 'EXPUNGE':
        this.#gone.push(this.#before(Number(number)));
        this.#gone.sort((left, right) => left - right);
        return true;
      case 'EXISTS':
      case 'RECENT':
        this.#counts.set(name.toUpperCase(), number);
        return true;
      case 'FETCH': {
        const before = this.#before(Number(number));
        const facts = this.#facts.get(before) ?? new Map<string, string>();
        this.#facts.set(before, facts);
        const [items] = responseValues(rest ?? '');
        for (const [item, value] of pairs(items)) {
          if (item !== 'UID' || this.#showsUids) facts.set(item, factText(item, value));
        }
        return true;
      }
      default:
        return false;
    }
  }

  #before(number: number): number {
    let before = number;
    for (const gone of this.#gone) if (gone <= before) before += 1;
    return before;
  }

  lines(): readonly string[] {
    return [
      ...(this.#gone.length === 0 ? [] : [`EXPUNGE ${this.#gone.join(' ')}`]),
      ...[...this.#counts].map(([name, number]) => `${name} ${number}`),
      ...[...this.#facts].map(
        ([number, facts]) =>
          `FETCH ${number} ${[...facts]
            .map((fact) => fact.join(' '))
            .toSorted()
            .join(' ')}`,
      ),
    ];
  }
}

function* pairs(items: ImapValue | undefined): Generator<readonly [string, ImapValue]> {
  if (!Array.isArray(items)) throw new Error('there is no list');
  const list = items as readonly ImapValue[];
  for (let at = 0; at < list.length; at += 2)
    yield [valueText(list[at]!).toUpperCase().replaceAll('"', ''), list[at + 1] ?? 'nothing'];
}

function factText(item: string, value: ImapValue): string {
  if (item === 'FLAGS') return sorted(value);
  if (item === 'MODSEQ' || item === 'EMAILID' || item === 'THREADID' || item === 'SAVEDATE') return '#';
  // What is not there is NIL to some, empty to others.
  if (/^(?:BODY|BINARY)\[/.test(item) && value === 'NIL') return '""';
  // The case of media types and the names of parameters is anybody's choice.
  return item.startsWith('BODY') && Array.isArray(value) ? valueText(value).toLowerCase() : valueText(value);
}

function sorted(value: ImapValue | undefined): string {
  return Array.isArray(value) ? `(${value.map(valueText).toSorted().join(' ')})` : valueText(value ?? 'nothing');
}

const CHOSEN = new Set(['UIDVALIDITY', 'HIGHESTMODSEQ', 'MODSEQ', 'MAILBOXID']);

function otherResponse(text: string): readonly string[] {
  const name = /^[A-Za-z]+/.exec(text)?.[0].toUpperCase() ?? '';
  switch (name) {
    case 'OK':
    case 'NO':
    case 'BAD':
    case 'BYE':
      return /^(?:HIGHESTMODSEQ|NOMODSEQ|MAILBOXID|$)/i.test(codeOf(text)) ? [] : [statusLine(text)];
    case 'CAPABILITY':
    case 'ID':
      return [];
    case 'ENABLED':
      return text.length > 8 ? [text] : [];
    case 'FLAGS':
      return [`FLAGS ${sorted(responseValues(text)[1])}`];
    case 'LIST':
    case 'LSUB': {
      const [, attributes, separator, mailbox, ...more] = responseValues(text);
      const rest = more.length === 0 ? '' : ` ${more.map((value) => valueText(value).toUpperCase()).join(' ')}`;
      const flags = sorted((attributes as readonly string[]).map((flag) => flag.toLowerCase()));
      return [`${name} ${flags} ${valueText(separator!)} ${mailboxText(mailbox!)}${rest}`];
    }
    case 'STATUS': {
      const [, mailbox, counts] = responseValues(text);
      const shown = [...pairs(counts)].map(([item, value]) => `${item} ${CHOSEN.has(item) ? '#' : valueText(value)}`);
      return [`STATUS ${mailboxText(mailbox!)} (${shown.toSorted().join(' ')})`];
    }
    case 'ESEARCH': {
      const [, tag, ...results] = responseValues(text);
      const kind = results[0] === 'UID' ? ' UID' : '';
      const found = [...pairs(results.slice(kind === '' ? 0 : 1))];
      const shown = found.map(([item, value]) => ` ${item} ${CHOSEN.has(item) ? '#' : valueText(value)}`).toSorted();
      return [`ESEARCH ${Array.isArray(tag) ? 'TAG' : 'NO TAG'}${kind}${shown.join('')}`];
    }
    case 'SEARCH':
    case 'SORT':
      return [text.replace(/ ?\(MODSEQ \d+\)/i, ' (MODSEQ #)')];
    default:
      return [text.trimEnd()];
  }
}

function mailboxText(value: ImapValue): string {
  return typeof value === 'string' ? valueText({ text: value }) : valueText(value);
}

function codeOf(text: string): string {
  return /^[A-Za-z]+ \[((?:[^\]"]|"[^"]*")*)\]/.exec(text)?.[1] ?? '';
}

function statusLine(text: string): string {
  const [, condition] = /^([A-Za-z]+)/.exec(text) ?? [];
  const [name, ...values] = responseValues(codeOf(text));
  if (name === undefined) return condition!.toUpperCase();
  const code = valueText(name).toUpperCase();
  return `${condition!.toUpperCase()} [${[code, ...values.map((value, place) => codeValue(code, value, place))].join(' ')}]`;
}

function codeValue(code: string, value: ImapValue, place: number): string {
  if (CHOSEN.has(code)) return '#';
  if ((code === 'APPENDUID' || code === 'COPYUID') && place === 0) return '#';
  return code === 'PERMANENTFLAGS' || code === 'BADCHARSET' ? sorted(value) : valueText(value);
}

/**
 * Whether an answer says what a reference says, and perhaps more where a server may: a code where the other has none,
 * how many messages are recent, what a mailbox has below it.
 */
export function saysTheSame(answer: readonly string[], reference: readonly string[]): boolean {
  const [ours, theirs] = [answer, reference].map((lines) => withoutExtras(lines, reference));
  return ours!.length === theirs!.length && ours!.every((line, place) => line === theirs![place]);
}

function withoutExtras(lines: readonly string[], reference: readonly string[]): readonly string[] {
  const tellsRecent = reference.some((line) => line.startsWith('RECENT'));
  const status = reference.at(-1)!.replace(/ \[CLIENTBUG\]$/, '');
  const hasCode = status.includes('[');
  return lines
    .filter((line) => tellsRecent || !line.startsWith('RECENT'))
    .map((line, place) => {
      if (place === lines.length - 1 && !hasCode) return line.replace(/^(OK|NO|BAD) \[.*\]$/s, '$1');
      return line
        .replace(/^LIST \(.*?\)/, (list) => list.replace(/ ?\\has(?:no)?children/g, '').replace('( ', '('))
        .replace(/^(NO \[BADCHARSET).*/, '$1]');
    })
    .toSorted();
}
