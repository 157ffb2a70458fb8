/** What IMAP4rev2 holds without naming it. @see RFC 9051 appendix E */
const REV2 = [
  'ENABLE',
  'IDLE',
  'NAMESPACE',
  'UIDPLUS',
  'MOVE',
  'ESEARCH',
  'SEARCHRES',
  'LIST-EXTENDED',
  'LIST-STATUS',
  'SASL-IR',
  'UNSELECT',
  'SPECIAL-USE',
  'LITERAL-',
  'BINARY',
  'CHILDREN',
  'STATUS=SIZE',
] as const;

/** What a capability brings along. */
const IMPLIED: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ['IMAP4REV2', REV2],
  ['LITERAL+', ['LITERAL-']],
  ['QRESYNC', ['CONDSTORE', 'ENABLE']],
  ['CONTEXT=SEARCH', ['ESEARCH']],
  ['ESORT', ['ESEARCH']],
  ['UTF8=ONLY', ['UTF8=ACCEPT']],
]);

/** The capabilities a server announced. Compared without regard to case, spelled as sent. */
export class CapabilitySet {
  /** As sent, without duplicates. */
  readonly names: readonly string[];
  /** Mechanisms of the `AUTH=` capabilities in upper case, in the order sent. */
  readonly authMechanisms: readonly string[];
  readonly #known: ReadonlySet<string>;

  constructor(names: Iterable<string>) {
    const known = new Set<string>();
    const spelled: string[] = [];
    for (const name of names) {
      const key = name.toUpperCase();
      if (known.has(key)) continue;
      known.add(key);
      spelled.push(name);
    }
    this.names = spelled;
    this.authMechanisms = [...known].filter((key) => key.startsWith('AUTH=')).map((key) => key.slice(5));
    for (const key of [...known]) for (const implied of IMPLIED.get(key) ?? []) known.add(implied);
    this.#known = known;
  }

  /** Whether the capability was announced, or is part of one that was, as `IDLE` is of `IMAP4rev2`. */
  has(name: string): boolean {
    return this.#known.has(name.toUpperCase());
  }

  /** What stands behind `NAME=`, such as `['REFERENCES', 'ORDEREDSUBJECT']` for `valuesOf('THREAD')`. */
  valuesOf(name: string): readonly string[] {
    const prefix = `${name.toUpperCase()}=`;
    return this.names.filter((each) => each.toUpperCase().startsWith(prefix)).map((each) => each.slice(prefix.length));
  }
}
