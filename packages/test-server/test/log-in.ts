import { connect, type ImapClient } from '@posthorn/imap-client';
import type { Protocol, TestServer } from '../src/index.ts';

/** Logs in as the first user, or as another. */
export function logIn(server: TestServer, user = 'test', password = 'test'): Promise<ImapClient> {
  const { host, port } = server;
  return connect({ host, port, security: 'none', allowInsecureAuth: true, auth: { user, password } });
}

/** Speaks with the server octet by octet. */
export async function talk(server: TestServer, lines: readonly string[], protocol: Protocol = 'imap'): Promise<string> {
  const transport = server.connect(protocol);
  const decoder = new TextDecoder();
  let text = '';
  const until = async (end: RegExp): Promise<boolean> => {
    while (!end.test(text)) {
      const chunk = await transport.read({ timeoutMs: 5_000 });
      if (chunk === null) return false;
      text += decoder.decode(chunk, { stream: true });
    }
    return true;
  };
  try {
    let goesOn = await until(/^(?:\* |\+OK).*\r\n/);
    for (const line of lines) {
      if (!goesOn) break;
      const [tag] = line.split(' ');
      const before = text.length;
      await transport.write(new TextEncoder().encode(`${line}\r\n`));
      const answer = protocol === 'imap' ? `^(?:${tag} |\\+)` : `^[^]{${before}}(?:\\+|-ERR).*\\r\\n$`;
      goesOn = await until(new RegExp(answer, protocol === 'imap' ? 'm' : ''));
    }
  } catch (error) {
    text += `[${(error as { code?: string }).code}]`;
  }
  transport.destroy();
  return text;
}
