import { assertNever } from '@posthorn/core';
import { toBase64 } from '../octets/base64.ts';
import { ATOM, TAG } from '../octets/octets.ts';
import { checkedAtom, checkedNumber, isUrlText } from '../tokens/spelling.ts';
import type { ExtensionCode } from './response-code.ts';

/**
 * A code of an extension as it stands between brackets.
 * @throws RangeError for what cannot be sent.
 */
export function extensionCodeText(code: ExtensionCode): string {
  switch (code.type) {
    case 'mailboxId':
      return `MAILBOXID (${checkedAtom(code.mailboxId, ATOM, 'an object id')})`;
    case 'referral':
      if (code.urls.length === 0) throw new RangeError('REFERRAL needs a URL');
      return `REFERRAL ${code.urls.map(checkedUrl).join(' ')}`;
    case 'badUrl':
      return `BADURL ${checkedUrl(code.url)}`;
    case 'urlMechanisms':
      return ['URLMECH', ...code.mechanisms.map(mechanismText)].join(' ');
    case 'annotate':
      return `ANNOTATE ${checkedAtom(code.reason, ATOM, 'a reason')}`;
    case 'annotations': {
      const { maxSize } = code;
      const size =
        typeof maxSize === 'string' ? checkedAtom(maxSize, ATOM, 'a size') : checkedNumber(maxSize, 'a size', 1);
      return `ANNOTATIONS ${size}${code.isWithoutPrivate === true && size !== 'NONE' ? ' NOPRIVATE' : ''}`;
    }
    case 'metadata': {
      const reason = `METADATA ${checkedAtom(code.reason, ATOM, 'a reason')}`;
      return 'octets' in code ? `${reason} ${checkedNumber(code.octets, 'a size')}` : reason;
    }
    case 'noUpdate':
      return `NOUPDATE "${checkedAtom(code.tag, TAG, 'a tag')}"`;
    case 'badEvent':
      return `BADEVENT (${code.events.map((event) => checkedAtom(event, ATOM, 'an event')).join(' ')})`;
    case 'undefinedFilter':
      return `UNDEFINED-FILTER ${checkedAtom(code.name, ATOM, 'the name of a filter')}`;
    case 'inProgress': {
      const { tag, done, goal } = code;
      if (tag === null && done === null && goal === null) return 'INPROGRESS';
      const numbers = [done, goal].map((value) => (value === null ? 'NIL' : checkedNumber(value, 'a count')));
      return `INPROGRESS (${tag === null ? 'NIL' : `"${checkedAtom(tag, TAG, 'a tag')}"`} ${numbers.join(' ')})`;
    }
    case 'maxConvertMessages':
    case 'maxConvertParts':
      return `${code.type.toUpperCase()} ${checkedNumber(code.limit, 'a limit', 1)}`;
    case 'messageLimit': {
      const limit = `MESSAGELIMIT ${checkedNumber(code.limit, 'a limit', 1)}`;
      return code.lowestUid === undefined ? limit : `${limit} ${checkedNumber(code.lowestUid, 'a UID', 1)}`;
    }
    default:
      return assertNever(code);
  }
}

function mechanismText({ name, data }: { readonly name: string; readonly data?: Uint8Array | undefined }): string {
  if (checkedAtom(name, ATOM, 'a mechanism').includes('=')) throw new RangeError('a mechanism may not hold "="');
  return data === undefined ? name : `${name}=${toBase64(data)}`;
}

function checkedUrl(url: string): string {
  if (isUrlText(url)) return url;
  throw new RangeError('a URL holds printable ASCII without spaces, quotes, "\\\\" and "]"');
}
