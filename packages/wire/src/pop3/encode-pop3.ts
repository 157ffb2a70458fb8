/**
 * POP3 commands and answers into octets. No argument can add a line to what is sent.
 * @module
 */
import { assertNever, utf8Bytes } from '@posthorn/core';
import type { CommandPiece } from '../commands/command-writer.ts';
import { toBase64 } from '../octets/base64.ts';
import { ATOM } from '../octets/octets.ts';
import { checkedAtom, checkedNumber } from '../tokens/spelling.ts';
import type { Pop3Command } from './pop3-command.ts';

/** Longest command line of RFC 2449, line end included. Longer initial responses go behind the first challenge. */
const MAX_LINE_BYTES = 255;

/**
 * One command as octets; what is secret is marked. An initial response that does not fit into a line is left out:
 * the server then asks for it.
 * @throws RangeError for an argument that cannot be sent, before there is any octet.
 */
export function encodePop3Command(command: Pop3Command): readonly CommandPiece[] {
  const { line, secret } = commandText(command);
  const bytes = (text: string, isSecret: boolean): CommandPiece => ({
    type: 'bytes',
    bytes: utf8Bytes(text),
    isSecret,
  });
  if (secret === undefined) return [bytes(`${line}\r\n`, false)];
  return [bytes(`${line} `, false), bytes(secret, true), bytes('\r\n', false)];
}

function commandText(command: Pop3Command): { readonly line: string; readonly secret?: string } {
  switch (command.name) {
    case 'STAT':
    case 'NOOP':
    case 'RSET':
    case 'QUIT':
    case 'CAPA':
    case 'STLS':
    case 'UTF8':
      return { line: command.name };
    case 'USER':
      return { line: `USER ${oneWord(command.user, 'a user name')}` };
    case 'PASS':
      return { line: 'PASS', secret: oneLine(command.password, 'a password') };
    case 'APOP':
      return { line: `APOP ${oneWord(command.user, 'a user name')}`, secret: oneWord(command.digest, 'a digest') };
    case 'LIST':
    case 'UIDL':
      return { line: command.number === undefined ? command.name : `${command.name} ${number(command.number)}` };
    case 'RETR':
    case 'DELE':
      return { line: `${command.name} ${number(command.number)}` };
    case 'TOP':
      return { line: `TOP ${number(command.number)} ${checkedNumber(command.lines, 'a count of lines')}` };
    case 'AUTH': {
      if (command.mechanism === undefined) return { line: 'AUTH' };
      const line = `AUTH ${checkedAtom(command.mechanism, ATOM, 'a mechanism')}`;
      if (command.initialResponse === undefined) return { line };
      const secret = command.initialResponse.length === 0 ? '=' : toBase64(command.initialResponse);
      return line.length + secret.length + 3 > MAX_LINE_BYTES ? { line } : { line, secret };
    }
    case 'LANG':
      return { line: command.language === undefined ? 'LANG' : `LANG ${oneWord(command.language, 'a language')}` };
    case 'X': {
      const name = checkedAtom(command.command, ATOM, 'a command');
      return { line: command.argument === '' ? name : `${name} ${oneLine(command.argument, 'an argument')}` };
    }
    default:
      return assertNever(command);
  }
}

function number(value: number): string {
  return checkedNumber(value, 'a message number', 1);
}

function oneLine(text: string, what: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters refused
  if (/[\r\n\u0000]/.test(text)) throw new RangeError(`${what} may not hold CR, LF or NUL`);
  return text;
}

function oneWord(text: string, what: string): string {
  if (text === '') throw new RangeError(`${what} is not empty`);
  return oneLine(text, what);
}

/** An answer's first line. */
export interface Pop3Status {
  readonly isOk: boolean;
  readonly code?: string | undefined;
  readonly text: string;
}

/** The first line of an answer. Line ends and NUL in the text become spaces. @throws RangeError for a code that cannot be. */
export function encodePop3Status({ isOk, code, text }: Pop3Status): Uint8Array {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters replaced
  const line = text.replace(/[\r\n\u0000]+/g, ' ');
  const words = [isOk ? '+OK' : '-ERR'];
  if (code !== undefined) words.push(`[${checkedAtom(code, ATOM, 'a response code')}]`);
  if (line !== '') words.push(line);
  return utf8Bytes(`${words.join(' ')}\r\n`);
}

/** A challenge of AUTH. */
export function encodePop3Challenge(challenge: Uint8Array): Uint8Array {
  return utf8Bytes(`+ ${toBase64(challenge)}\r\n`);
}
