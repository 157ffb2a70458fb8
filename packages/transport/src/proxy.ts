/** A proxy, and whom to trust on the way to it. */
export interface ProxyOptions {
  /**
   * `socks5://`, `socks4a://`, `http://` or `https://`, with user and password where the proxy wants them. The proxy
   * looks up the name of the server, so no name is looked up here but that of the proxy.
   */
  readonly url: string;
  /** Certificate authorities to trust instead of the system's when the proxy speaks TLS (`https://`), in PEM. */
  readonly ca?: string | readonly string[];
}

/** A proxy as its URL says it is. */
export interface ProxyEndpoint {
  readonly type: 'socks5' | 'socks4' | 'http' | 'https';
  readonly host: string;
  readonly port: number;
  readonly user: string | undefined;
  readonly password: string | undefined;
}

/** A server to be reached through a proxy. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

const PORTS: Readonly<Record<ProxyEndpoint['type'], number>> = { socks5: 1080, socks4: 1080, http: 8080, https: 443 };
const TYPES: ReadonlyMap<string, ProxyEndpoint['type']> = new Map([
  ['socks:', 'socks5'],
  ['socks5:', 'socks5'],
  ['socks5h:', 'socks5'],
  ['socks4:', 'socks4'],
  ['socks4a:', 'socks4'],
  ['http:', 'http'],
  ['https:', 'https'],
]);
/** A field of SOCKS has one octet for its length. */
const MOST_OCTETS = 255;

/**
 * Reads the URL of a proxy. Its errors never show the URL, which may hold a password.
 * @throws TypeError when it is not one.
 */
export function parseProxy(url: string): ProxyEndpoint {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const type = parsed && TYPES.get(parsed.protocol);
  if (parsed === undefined || type === undefined || parsed.hostname === '') {
    throw new TypeError('a proxy is given as socks5://, socks4a://, http:// or https:// and its host');
  }
  const host = parsed.hostname.replace(/^\[|\]$/g, '');
  const port = parsed.port === '' ? defaultPort(type, url) : Number(parsed.port);
  if (port === 0) throw new TypeError('the port of the proxy is 0');
  return { type, host, port, user: field(type, parsed.username), password: field(type, parsed.password) };
}

/** `URL` forgets a port that is the default of its scheme, which for a proxy is another one. */
function defaultPort(type: ProxyEndpoint['type'], url: string): number {
  return type === 'http' && /^http:\/\/[^/?#]*:0*80(?:[/?#]|$)/i.test(url) ? 80 : PORTS[type];
}

function field(type: ProxyEndpoint['type'], encoded: string): string | undefined {
  if (encoded === '') return undefined;
  let text: string;
  try {
    text = decodeURIComponent(encoded);
  } catch {
    throw new TypeError('the user or password of the proxy is not encoded as a URL has it');
  }
  const isTooLong = type.startsWith('socks') && Buffer.byteLength(text) > MOST_OCTETS;
  if (isTooLong || text.includes('\0')) throw new TypeError('the user or password of the proxy cannot be sent');
  return text;
}
