import { StoreError } from './mail-error.ts';

/** Where a store is, as a text such as `maildir:///var/mail/alice?layout=fs` says. */
export interface StoreUrl {
  /** In lower case. */
  readonly scheme: string;
  /**
   * What stands between the scheme and the options. Behind `//` it is part of a URL, in which `%20` stands for a space;
   * otherwise, as in `maildir:Mail of ours`, it is taken as it is.
   */
  readonly location: string;
  /** Each given once. */
  readonly options: ReadonlyMap<string, string>;
}

/**
 * Reads `scheme:location?name=value&name=value`.
 * @throws {@link StoreError} `STORE_CANNOT`. It does not repeat the text, which may hold a password.
 */
export function parseStoreUrl(text: string): StoreUrl {
  const [, scheme, rest] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(text) ?? [];
  if (scheme === undefined || rest === undefined) throw malformed('it begins with no scheme, such as "maildir:"');
  const mark = rest.indexOf('?');
  const place = mark < 0 ? rest : rest.slice(0, mark);
  const options = new Map<string, string>();
  for (const word of mark < 0 ? [] : rest.slice(mark + 1).split('&')) {
    const equals = word.indexOf('=');
    if (equals < 1) throw malformed('behind "?" it has options such as "layout=fs", with "&" between them');
    const name = decode(word.slice(0, equals));
    if (options.has(name)) throw malformed(`it says "${name}" twice`);
    options.set(name, decode(word.slice(equals + 1)));
  }
  return { scheme: scheme.toLowerCase(), location: place.startsWith('//') ? decode(place) : place, options };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw malformed('it holds a % that is no escape: write it as %25');
  }
}

function malformed(reason: string): StoreError {
  return new StoreError('STORE_CANNOT', `that is no URL of a store: ${reason}`);
}
