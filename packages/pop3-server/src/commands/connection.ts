import { serverTls } from '@posthorn/transport/serving';
import { err, ok, type Reply } from '../replies.ts';
import type { Session } from '../session.ts';

/** The languages of our answers, with their names in themselves. */
const LANGUAGES: ReadonlyMap<string, string> = new Map([['en', 'English']]);

/** @see RFC 2449 section 5 */
export async function capa(session: Session): Promise<undefined> {
  await session.output.sendLines(ok('Capabilities follow'), session.protocol.capabilities);
}

/**
 * Secures the connection. Octets that came behind the command in clear text end it: they may be somebody else's.
 * @see RFC 2595 section 4
 */
export async function startTls(session: Session): Promise<Reply | undefined> {
  const { options, protocol, output, transport } = session;
  if (options.tls === undefined || transport.security === 'tls') return err('TLS is not offered');
  if (protocol.isUtf8) return err('STLS goes before UTF8');
  if (protocol.bufferedBytes > 0) session.endWith('Nothing may follow STLS before the handshake');
  output.send(ok('Begin TLS now'));
  await output.flush();
  await transport.startTls(serverTls(options.tls));
  protocol.tlsStarted();
  return undefined;
}

/** @see RFC 6856 section 2.1 */
export function utf8(session: Session): Reply {
  session.protocol.utf8Enabled();
  return ok('UTF-8 it is');
}

/** @see RFC 6856 section 3.2 */
export async function lang(session: Session, range: string | undefined): Promise<Reply | undefined> {
  if (range === undefined) {
    const lines = Array.from(LANGUAGES, ([tag, name]) => `${tag} ${name}`);
    await session.output.sendLines(ok('Languages follow'), lines);
    return undefined;
  }
  const wanted = range.toLowerCase();
  for (const tag of LANGUAGES.keys()) if (wanted === '*' || wanted === tag) return ok(`${tag} Language chosen`);
  return err('That language is not spoken here');
}
