/**
 * The text of HTML, near enough for a preview.
 * @module
 */

/** Elements whose content is not shown. Their end tags are looked for, and nothing else within. */
const HIDDEN: ReadonlySet<string> = new Set(['style', 'script', 'title', 'textarea', 'noscript', 'template']);
/** Elements that do not part words. */
const INLINE: ReadonlySet<string> = new Set(
  'a abbr acronym b bdi bdo big cite code del dfn em font i ins kbd mark q s samp small span strike strong sub sup tt u var wbr'.split(
    ' ',
  ),
);
const QUOTE = 'blockquote';

const LATIN1_NAMES =
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml';
const ENTITIES: ReadonlyMap<string, string> = new Map([
  ...LATIN1_NAMES.split(' ').map((name, index) => [name, String.fromCharCode(0xa0 + index)] as const),
  ...Object.entries({
    amp: '&',
    lt: '<',
    gt: '>',
    quot: '"',
    apos: "'",
    ndash: '–',
    mdash: '—',
    lsquo: '‘',
    rsquo: '’',
    sbquo: '‚',
    ldquo: '“',
    rdquo: '”',
    bdquo: '„',
    bull: '•',
    hellip: '…',
    euro: '€',
    trade: '™',
    zwnj: '\u200c',
    zwj: '\u200d',
    ensp: ' ',
    emsp: ' ',
    thinsp: ' ',
  }),
]);

/**
 * Yields pieces of the text of some HTML, in linear time: tags become white space or nothing, entities characters, and
 * scripts, styles and comments nothing. HTML that is cut short or broken yields what there is.
 *
 * @param withQuotes - Whether what stands within `blockquote` is text.
 */
export function* htmlText(html: string, withQuotes: boolean): Generator<string, void, undefined> {
  const lower = html.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  let quoteDepth = 0;
  let at = 0;
  while (at < html.length) {
    const tagStart = nextTag(html, at);
    if (tagStart > at && (withQuotes || quoteDepth === 0)) yield withoutEntities(html.slice(at, tagStart));
    if (tagStart === html.length) return;
    const { name, isEnd, end } = readTag(lower, tagStart);
    at = end;
    if (name === QUOTE) quoteDepth = Math.max(0, quoteDepth + (isEnd ? -1 : 1));
    if (!isEnd && HIDDEN.has(name)) {
      const hiddenEnd = lower.indexOf(`</${name}`, at);
      at = hiddenEnd === -1 ? html.length : hiddenEnd;
    }
    if (name !== '' && !INLINE.has(name)) yield ' ';
  }
}

/** Where the next `<` that begins a tag, comment or declaration is; others are text. */
function nextTag(html: string, from: number): number {
  for (let at = html.indexOf('<', from); at !== -1; at = html.indexOf('<', at + 1)) {
    if (/[a-z/!?]/i.test(html[at + 1] ?? '')) return at;
  }
  return html.length;
}

interface Tag {
  /** Empty for comments and declarations. */
  readonly name: string;
  readonly isEnd: boolean;
  readonly end: number;
}

function readTag(lower: string, start: number): Tag {
  if (lower.startsWith('<!--', start)) return { name: '', isEnd: false, end: behind(lower, '-->', start + 4) };
  const isEnd = lower[start + 1] === '/';
  const nameStart = start + (isEnd ? 2 : 1);
  let nameEnd = nameStart;
  while (/[a-z0-9]/.test(lower[nameEnd] ?? '')) nameEnd++;
  return { name: lower.slice(nameStart, nameEnd), isEnd, end: tagEnd(lower, nameEnd) };
}

/** Behind the `>` of a tag; one within a quoted attribute does not end it. */
function tagEnd(lower: string, from: number): number {
  for (let at = from; at < lower.length; at++) {
    const letter = lower[at];
    if (letter === '>') return at + 1;
    if (letter !== '=') continue;
    while (/\s/.test(lower[at + 1] ?? '')) at++;
    const quote = lower[at + 1];
    if (quote === '"' || quote === "'") at = behind(lower, quote, at + 2) - 1;
  }
  return lower.length;
}

function behind(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at === -1 ? text.length : at + mark.length;
}

function withoutEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z][a-z\d]{1,7}));?/gi, (entity, decimal, hex, name) => {
    if (name !== undefined) return ENTITIES.get(name) ?? ENTITIES.get(name.toLowerCase()) ?? entity;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code > 0x10ffff || code === 0 ? '\ufffd' : String.fromCodePoint(code);
  });
}
