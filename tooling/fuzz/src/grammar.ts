import type { Random } from './random.ts';

/**
 * Productions by name. Each is a list of templates in which `<name>` stands for another production, and
 * `<literal:name>` and `<literalPlus:name>` for one spelled as a literal. The first template of a production that
 * can hold itself must not: it is taken where nesting gets too deep.
 */
export type Productions = Readonly<Record<string, readonly string[]>>;

interface Part {
  readonly text: string;
  readonly name?: string | undefined;
  readonly literal?: string | undefined;
}

const MAX_DEPTH = 12;
const MAX_LENGTH = 4096;

/** Makes texts after a grammar; each character stands for one octet. */
export class Grammar {
  readonly #templates = new Map<string, readonly (readonly Part[])[]>();
  #length = 0;

  /** @throws TypeError for a name without a production. */
  constructor(productions: Productions) {
    for (const [name, templates] of Object.entries(productions)) this.#templates.set(name, templates.map(partsOf));
    for (const templates of this.#templates.values())
      for (const { name } of templates.flat()) {
        if (name !== undefined && !this.#templates.has(name)) throw new TypeError(`no production <${name}>`);
      }
  }

  make(random: Random, name: string): string {
    this.#length = 0;
    return this.#expand(random, name, 0);
  }

  #expand(random: Random, name: string, depth: number): string {
    const templates = this.#templates.get(name)!;
    const isTooMuch = depth > MAX_DEPTH || this.#length > MAX_LENGTH;
    let text = '';
    for (const part of isTooMuch ? templates[0]! : random.pick(templates)) {
      if (part.name === undefined) {
        text += part.text;
        this.#length += part.text.length;
      } else {
        const inner = this.#expand(random, part.name, depth + 1);
        text += part.literal === undefined ? inner : `{${inner.length}${part.literal}}\r\n${inner}`;
      }
    }
    return text;
  }
}

function partsOf(template: string): readonly Part[] {
  return template
    .split(/(<[a-zA-Z]+(?::[a-zA-Z]+)?>)/)
    .filter((text) => text !== '')
    .map((text) => {
      const [, first, second] = /^<([a-zA-Z]+)(?::([a-zA-Z]+))?>$/.exec(text) ?? [];
      if (first === undefined) return { text };
      if (second === undefined) return { text, name: first };
      return { text, name: second, literal: first === 'literalPlus' ? '+' : '' };
    });
}
