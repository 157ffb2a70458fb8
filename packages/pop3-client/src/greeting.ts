import { printableBytes } from '@posthorn/core';
import { NotPop3Error, type OtherProtocol } from './errors.ts';

const CR = 0x0d;
const LF = 0x0a;
/** So many octets are enough to know another protocol by. */
const ENOUGH = 16;

/**
 * Looks at the first octets of a connection.
 * @param isWhole - No more octets will come.
 * @returns Whether they may begin a POP3 greeting; undefined while there are too few to tell.
 * @throws {@link NotPop3Error} when they cannot.
 */
export function looksLikePop3(head: Uint8Array, isWhole = false): true | undefined {
  const word = latin1(head.subarray(0, 4)).toUpperCase();
  if (word.startsWith('+OK') || word === '-ERR') return true;
  const mayStillBe = '+OK'.startsWith(word) || '-ERR'.startsWith(word);
  if (!isWhole && head.length < 512 && (mayStillBe || (head.length < ENOUGH && !head.includes(LF)))) return undefined;
  throw new NotPop3Error(otherProtocol(head), printableBytes(firstLine(head), 60));
}

function otherProtocol(head: Uint8Array): OtherProtocol {
  // A TLS alert or handshake record of any version.
  if ((head[0] === 0x15 || head[0] === 0x16) && head[1] === 3) return 'tls';
  const text = latin1(head.subarray(0, ENOUGH)).toUpperCase();
  if (text.startsWith('* OK') || text.startsWith('* PREAUTH') || text.startsWith('* BYE')) return 'imap';
  if (/^(?:220|421|521|554)[ -]/.test(text)) return 'smtp';
  if (text.startsWith('HTTP/') || text.startsWith('<!DOCTYPE') || text.startsWith('<HTML')) return 'http';
  if (text.startsWith('SSH-')) return 'ssh';
  return 'unknown';
}

function firstLine(head: Uint8Array): Uint8Array {
  const end = head.findIndex((octet) => octet === CR || octet === LF);
  return head.subarray(0, end < 0 ? 80 : Math.min(end, 80));
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
