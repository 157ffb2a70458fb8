import { ASTRING, ATOM, LPAREN, PATTERN, SP } from '../octets/octets.ts';
import { isAscii } from '../octets/text.ts';
import { hasEscapedOctets } from '../octets/wire-octets.ts';
import { isOneValue } from '../tokens/one-value.ts';
import { checkedAtom, checkedNumber, isInClass, quoted } from '../tokens/spelling.ts';
import { sectionText } from '../values/section-text.ts';
import type { FetchItem, PartialSection } from './command.ts';

const ITEM_NAMES = {
  uid: 'UID',
  flags: 'FLAGS',
  internalDate: 'INTERNALDATE',
  size: 'RFC822.SIZE',
  envelope: 'ENVELOPE',
  bodyStructure: 'BODYSTRUCTURE',
  body: 'BODY',
  modSeq: 'MODSEQ',
  emailId: 'EMAILID',
  threadId: 'THREADID',
  saveDate: 'SAVEDATE',
} as const;

/**
 * An item of a FETCH as it is spelled.
 * @throws RangeError for what cannot be asked for.
 */
export function fetchItemText(item: FetchItem): string {
  switch (item.type) {
    case 'section': {
      const name = `${item.peek ? 'BODY.PEEK' : 'BODY'}[${sectionText(item.section)}]`;
      return name + partialText(item.partial);
    }
    case 'binary':
      return `${item.peek ? 'BINARY.PEEK' : 'BINARY'}[${sectionText(item)}]${partialText(item.partial)}`;
    case 'binarySize':
      return `BINARY.SIZE[${sectionText(item)}]`;
    case 'annotation':
      return `ANNOTATION (${namesText(item.entries, PATTERN, 'an entry')} ${namesText(item.attributes, ASTRING, 'an attribute')})`;
    case 'gmail':
      return `X-GM-${checkedAtom(item.what, ATOM, 'an item to fetch')}`;
    case 'other':
      return otherText(item.name, item.argument);
    case 'preview':
      return item.isLazy === true ? 'PREVIEW (LAZY)' : 'PREVIEW';
    case 'rfc822':
      return item.text === 'whole' ? 'RFC822' : `RFC822.${checkedAtom(item.text, ATOM, 'a text').toUpperCase()}`;
    default: {
      const name = Object.hasOwn(ITEM_NAMES, item.type) ? ITEM_NAMES[item.type] : undefined;
      if (name === undefined) throw new RangeError('there is no such item to fetch');
      return name;
    }
  }
}

/** One name, or several in parentheses. */
function namesText(names: readonly string[], octetClass: number, what: string): string {
  const texts = names.map((name) => {
    const isPlain = isInClass(name, octetClass) && name.length < 256;
    const text = isPlain ? name : hasEscapedOctets(name) ? undefined : quoted(name);
    return text ?? refuse(`${what} holds ASCII on one line`);
  });
  if (texts.length === 0) return refuse(`ANNOTATION needs ${what}`);
  return texts.length === 1 ? texts[0]! : `(${texts.join(' ')})`;
}

function otherText(name: string, argument: Uint8Array | undefined): string {
  if (!/^[^[\]<]+(\[[^[\]<]*\])?(<\d+(\.\d+)?>)?$/.test(checkedAtom(name, ASTRING, 'an item to fetch')))
    return refuse('an item to fetch is a word, a section and a range');
  if (argument === undefined) return name;
  if (argument[0] !== LPAREN || !isOneValue(argument) || !isAscii(argument, 0, argument.length))
    return refuse('the argument of an item is one list');
  if (argument.some((octet) => octet < SP || octet === 0x7f)) return refuse('the argument of an item is one line');
  return `${name} ${new TextDecoder().decode(argument)}`;
}

function refuse(message: string): never {
  throw new RangeError(message);
}

/** The window behind a section. @throws RangeError for one that cannot be */
export function partialText(partial: PartialSection | undefined): string {
  if (partial === undefined) return '';
  return `<${checkedNumber(partial.offset, 'an offset')}.${checkedNumber(partial.length, 'a length', 1)}>`;
}
