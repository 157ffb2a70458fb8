import type { FetchItem, PartialSection } from './command.ts';
import { ATOM } from './octets.ts';
import { sectionText } from './section-text.ts';
import { checkedAtom, checkedNumber } from './spelling.ts';

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
      return `${item.peek ? 'BINARY.PEEK' : 'BINARY'}[${sectionText({ part: item.part })}]${partialText(item.partial)}`;
    case 'binarySize':
      return `BINARY.SIZE[${sectionText({ part: item.part })}]`;
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

function partialText(partial: PartialSection | undefined): string {
  if (partial === undefined) return '';
  return `<${checkedNumber(partial.offset, 'an offset')}.${checkedNumber(partial.length, 'a length', 1)}>`;
}
