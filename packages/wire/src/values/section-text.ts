import { ATOM } from '../octets/octets.ts';
import { checkedAtom, checkedNumber, isInClass, quoted } from '../tokens/spelling.ts';
import type { Section } from './section.ts';

/**
 * The section as it stands between brackets, such as `1.2.HEADER.FIELDS (SUBJECT)`.
 * @throws RangeError for a part number or field name that cannot be, and for MIME without a part.
 */
export function sectionText({ part, text, fields }: Section): string {
  const number = part.map((each) => checkedNumber(each, 'a part number', 1)).join('.');
  if (text === undefined) return number;
  if (text === 'MIME' && part.length === 0) throw new RangeError('MIME needs a part number');
  checkedAtom(text, ATOM, 'a section');
  const name = number === '' ? text : `${number}.${text}`;
  if (text !== 'HEADER.FIELDS' && text !== 'HEADER.FIELDS.NOT') return name;
  if (fields === undefined || fields.length === 0) throw new RangeError(`${text} needs the names of fields`);
  return `${name} (${fields.map(fieldName).join(' ')})`;
}

function fieldName(name: string): string {
  for (let index = 0; index < name.length; index++) {
    const unit = name.charCodeAt(index);
    if (unit < 0x21 || unit > 0x7e || unit === 0x3a)
      throw new RangeError('the name of a header field is printable ASCII without ":"');
  }
  if (name === '') throw new RangeError('the name of a header field is not empty');
  return isInClass(name, ATOM) ? name : quoted(name)!;
}
