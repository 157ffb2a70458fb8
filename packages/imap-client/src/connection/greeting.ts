import { printableBytes } from '@posthorn/core';
import { NotImapError, type OtherProtocol } from '../errors.ts';

const STAR = 0x2a;
const SPACE = 0x20;
const CR = 0x0d;
const LF = 0x0a;
/** So many octets are enough to know another protocol by. */
const ENOUGH = 16;

/**
 * Looks at the first octets of a connection.
 * @param isWhole - No more octets will come.
 * @returns Whether they may begin an IMAP greeting; undefined while there are too few to tell.
 * @throws {@link NotImapError} when they cannot.
 */
export function looksLikeImap(head: Uint8Array, isWhole = false): true | undefined {
  let start = 0;
  // QUIRK: stray line ends and spaces before the greeting are skipped, as every client does.
  while (start < head.length && (head[start] === CR || head[start] === LF || head[start] === SPACE)) start++;
  const rest = head.subarray(start, start + 80);
  if (rest[0] === STAR && rest[1] === SPACE) return true;
  const mayStillBe = rest.length === 0 || (rest.length === 1 && rest[0] === STAR);
  if (!isWhole && head.length < 512 && (mayStillBe || (rest.length < ENOUGH && !rest.includes(LF)))) return undefined;
  throw new NotImapError(otherProtocol(rest), printableBytes(rest, 60));
}

/** QUIRK: Twisted answers BAD to an APPEND without a list of flags, which RFC 9051 section 6.3.12 leaves to choice. */
export function wantsFlagLists(text: string): boolean {
  return text.startsWith('Twisted IMAP4rev1');
}

function otherProtocol(head: Uint8Array): OtherProtocol {
  // A TLS alert or handshake record of any version.
  if ((head[0] === 0x15 || head[0] === 0x16) && head[1] === 3) return 'tls';
  const text = String.fromCharCode(...head.subarray(0, ENOUGH)).toUpperCase();
  if (/^(?:220|421|521|554)[ -]/.test(text)) return 'smtp';
  if (text.startsWith('+OK') || text.startsWith('-ERR')) return 'pop3';
  if (text.startsWith('HTTP/') || text.startsWith('<!DOCTYPE') || text.startsWith('<HTML')) return 'http';
  if (text.startsWith('SSH-')) return 'ssh';
  return 'unknown';
}
