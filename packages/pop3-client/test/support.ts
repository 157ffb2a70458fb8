import { type Played, type PlayOptions, playServer } from '@posthorn/testkit';
import { memoryPair } from '@posthorn/transport';
import { type ConnectOptions, connect, type Pop3Client } from '../src/index.ts';

export { collect, outcome, pretendTls, settle, TestTimers } from '@posthorn/testkit';

export const CAPABILITIES = ['TOP', 'UIDL', 'USER', 'PIPELINING', 'RESP-CODES'];
export const AUTH = { user: 'mrose', password: 'tanstaaf' };

/** An answer to CAPA, as lines of a transcript. */
export function capa(capabilities: readonly string[] = CAPABILITIES): string {
  return `
    C: CAPA
    S: +OK
    ${capabilities.map((line) => `S: ${line}`).join('\n')}
    S: .`;
}

/** Everything up to and with a login by USER and PASS. */
export function login(capabilities: readonly string[] = CAPABILITIES): string {
  return `
    S: +OK ready${capa(capabilities)}
    C: USER mrose
    S: +OK
    C: PASS tanstaaf
    S: +OK welcome${capa(capabilities)}`;
}

/** A polite end. */
export const QUIT = `
    C: QUIT
    S: +OK bye
    ! end`;

export interface Session {
  readonly client: Pop3Client;
  /** Plays the rest of the conversation. */
  readonly server: Promise<Played>;
}

export interface SessionOptions extends PlayOptions {
  readonly capabilities?: readonly string[];
  readonly connect?: Partial<ConnectOptions>;
}

/** A client that is logged in, and a server that goes on with `transcript`. */
export async function session(
  transcript: string,
  { capabilities, connect: options, ...play }: SessionOptions = {},
): Promise<Session> {
  const { client, server } = connectTo(
    `${login(capabilities)}\n${transcript}`,
    { auth: AUTH, allowInsecureAuth: true, ...options },
    play,
  );
  return { client: await client, server };
}

/** Connects to a server that plays the whole conversation. */
export function connectTo(
  transcript: string,
  options: Partial<ConnectOptions> = {},
  play: PlayOptions = {},
): { readonly client: Promise<Pop3Client>; readonly server: Promise<Played> } {
  const [mine, theirs] = memoryPair();
  const server = playServer(theirs, transcript, play);
  const client = connect({ transport: mine, ...options });
  server.catch(() => {});
  client.catch(() => {});
  return { client, server };
}

export const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
export const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);
