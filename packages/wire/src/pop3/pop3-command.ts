/**
 * What a POP3 client can ask.
 * @see RFC 1939, RFC 2449, RFC 2595, RFC 5034, RFC 6856
 * @module
 */

/** Message numbers are those of the wire: from 1. */
export type Pop3Command =
  | { readonly name: 'STAT' | 'NOOP' | 'RSET' | 'QUIT' | 'CAPA' | 'STLS' | 'UTF8' }
  | { readonly name: 'USER'; readonly user: string }
  | { readonly name: 'PASS'; readonly password: string }
  | { readonly name: 'APOP'; readonly user: string; readonly digest: string }
  /** Without a number: of all messages. */
  | { readonly name: 'LIST' | 'UIDL'; readonly number?: number }
  | { readonly name: 'RETR' | 'DELE'; readonly number: number }
  | { readonly name: 'TOP'; readonly number: number; readonly lines: number }
  /** Without a mechanism: which there are. An empty initial response is `=`. */
  | { readonly name: 'AUTH'; readonly mechanism?: string; readonly initialResponse?: Uint8Array }
  /** Without a language: which there are. */
  | { readonly name: 'LANG'; readonly language?: string }
  /** Any other command: its name in upper case and what stands behind it. */
  | { readonly name: 'X'; readonly command: string; readonly argument: string };

/** Whether the positive answer to a command has a body. */
export function hasPop3Body(command: Pop3Command): boolean {
  switch (command.name) {
    case 'RETR':
    case 'TOP':
    case 'CAPA':
      return true;
    case 'LIST':
    case 'UIDL':
      return command.number === undefined;
    case 'LANG':
      return command.language === undefined;
    case 'AUTH':
      return command.mechanism === undefined;
    default:
      return false;
  }
}
