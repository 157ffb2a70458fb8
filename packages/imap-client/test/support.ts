import type { Transport } from '@posthorn/core';
import { type Played, type PlayOptions, playServer } from '@posthorn/testkit';
import { memoryPair } from '@posthorn/transport';
import { type ConnectOptions, connect, type ImapClient } from '../src/index.ts';

export { collect, outcome, pretendTls, settle, TestTimers } from '@posthorn/testkit';

export const CAPABILITIES = 'IMAP4rev1 IDLE UIDPLUS MOVE UNSELECT LITERAL+ SASL-IR';

/** Answers to SELECT of a mailbox with so many messages. */
export function selected(exists: number, name = 'INBOX', command = 'SELECT'): string {
  return `
    C: {select} ${command} ${name}
    S: * FLAGS (\\Answered \\Seen)
    S: * ${exists} EXISTS
    S: * OK [UIDVALIDITY 42] UIDs valid
    S: * OK [UIDNEXT 1000] predicted
    S: * OK [PERMANENTFLAGS (\\Answered \\Seen \\*)] limited
    S: {select} OK [READ-WRITE] done`;
}

/** A polite end. */
export const LOGOUT = `
    C: {logout} LOGOUT
    S: * BYE see you
    S: {logout} OK done
    ! end`;

export interface Session {
  readonly client: ImapClient;
  /** Plays the rest of the conversation. */
  readonly server: Promise<Played>;
}

export interface SessionOptions extends PlayOptions {
  readonly capabilities?: string;
  readonly connect?: Partial<ConnectOptions>;
}

/** A client that is logged in, and a server that goes on with `transcript`. */
export async function session(
  transcript: string,
  { capabilities = CAPABILITIES, connect: options, ...play }: SessionOptions = {},
): Promise<Session> {
  const [mine, theirs] = memoryPair();
  const server = playServer(theirs, `S: * PREAUTH [CAPABILITY ${capabilities}] ready\n${transcript}`, play);
  server.catch(() => {});
  const client = await connect({ transport: mine, ...options });
  return { client, server };
}

/** Connects to a server that plays the whole conversation. */
export function connectTo(
  transcript: string,
  options: Partial<ConnectOptions> = {},
  play: PlayOptions = {},
): { readonly client: Promise<ImapClient>; readonly server: Promise<Played> } {
  const [mine, theirs] = memoryPair();
  const server = playServer(theirs, transcript, play);
  const client = connect({ transport: mine, ...options });
  server.catch(() => {});
  client.catch(() => {});
  return { client, server };
}

export const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
export const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);

/** Plays a server with one message of so many octets, which is fetched as UID 1. @returns octets the client had taken by the time of each write */
export async function playBig(
  transport: Transport,
  size: number,
  onWritten: (octets: number) => void = () => {},
): Promise<void> {
  const begun = await playServer(
    transport,
    `S: * PREAUTH [CAPABILITY ${CAPABILITIES}] hi${selected(1)}
     C: {f} UID FETCH 1 (UID BODY.PEEK[])
     S: * 1 FETCH (UID 1 BODY[] {noeol}`,
  );
  await transport.write(bytes(`{${size}}\r\n`));
  const chunk = new Uint8Array(16_384).fill(0x7a);
  for (let sent = 0; sent < size; sent += chunk.length) {
    await transport.write(chunk.subarray(0, Math.min(chunk.length, size - sent)));
    onWritten(Math.min(size, sent + chunk.length));
  }
  await transport.write(bytes(`)\r\n${begun.values.get('f')} OK done\r\n`));
}
