import { ATOM } from '../octets/octets.ts';
import { checkedAtom, checkedModSeq, checkedNumber, quoted } from '../tokens/spelling.ts';
import { flagText } from '../values/flag-text.ts';
import { setText } from '../values/set-text.ts';
import { extensionCodeText } from './extension-code-text.ts';
import type { ResponseCode } from './response-code.ts';

/** A response code as it is spelled, without its brackets. @throws RangeError for what cannot be sent */
export function responseCodeText(code: ResponseCode): string {
  switch (code.type) {
    case 'atom':
      return rawCodeText(code.name, code.value);
    case 'capability':
      return ['CAPABILITY', ...code.capabilities.map((name) => checkedAtom(name, ATOM, 'a capability'))].join(' ');
    case 'permanentFlags': {
      const flags = code.flags.map(flagText);
      return `PERMANENTFLAGS (${(code.allowsNewKeywords ? [...flags, '\\*'] : flags).join(' ')})`;
    }
    case 'uidNext':
      return `UIDNEXT ${checkedNumber(code.uidNext, 'UIDNEXT', 1)}`;
    case 'uidValidity':
      return `UIDVALIDITY ${checkedNumber(code.uidValidity, 'UIDVALIDITY', 1)}`;
    case 'unseen':
      return `UNSEEN ${checkedNumber(code.first, 'UNSEEN', 1)}`;
    case 'highestModSeq':
      return `HIGHESTMODSEQ ${checkedModSeq(code.modSeq)}`;
    case 'appendUid':
      return `APPENDUID ${checkedNumber(code.uidValidity, 'UIDVALIDITY', 1)} ${setText(code.uids)}`;
    case 'copyUid':
      return `COPYUID ${checkedNumber(code.uidValidity, 'UIDVALIDITY', 1)} ${setText(code.from)} ${setText(code.to)}`;
    case 'modified':
      return `MODIFIED ${setText(code.set)}`;
    case 'badCharset': {
      if (code.charsets.length === 0) return 'BADCHARSET';
      const charsets = code.charsets.map((name) => quoted(name) ?? refuseText('a charset'));
      return `BADCHARSET (${charsets.join(' ')})`;
    }
    default:
      return extensionCodeText(code);
  }
}

function rawCodeText(name: string, value: string | undefined): string {
  checkedAtom(name, ATOM, 'a response code');
  if (value === undefined) return name;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters refused
  if (/[\r\n\u0000]/.test(value)) return refuseText('a response code');
  if (value.includes(']') && !holdsBrackets(value)) throw new RangeError('a response code may hold "]" only in quotes');
  return `${name} ${value}`;
}

/** Whether every `]` stands in quotes that are closed. */
function holdsBrackets(value: string): boolean {
  let isQuoted = false;
  for (let index = 0; index < value.length; index++) {
    const character = value[index];
    if (character === '"') isQuoted = !isQuoted;
    else if (character === '\\' && isQuoted) index++;
    else if (character === ']' && !isQuoted) return false;
  }
  return !isQuoted;
}

function refuseText(what: string): never {
  throw new RangeError(`${what} may not hold controls or 8-bit characters`);
}
