import { memoryPair } from '@posthorn/transport';
import { describe, expect, test } from 'vitest';
import { Pop3Conversation, type Pop3PeerOptions, playPop3, sendThen } from '../src/index.ts';

/** What a scripted server says to these lines, and which lines it noted. */
async function talk(lines: readonly string[], options: Pop3PeerOptions = {}): Promise<[string, readonly string[]]> {
  const [near, far] = memoryPair();
  const played = playPop3(far, options);
  let answers = '';
  const read = async (): Promise<void> => {
    for (let chunk = await near.read(); chunk !== null; chunk = await near.read())
      answers += Buffer.from(chunk).toString('latin1');
  };
  const reading = read().catch(() => {});
  await near.write(new TextEncoder().encode(lines.map((line) => `${line}\r\n`).join('')));
  await reading;
  return [answers, (await played).map(({ line }) => line)];
}

describe('a scripted POP3 server', () => {
  test('is honest', async () => {
    const [answers, lines] = await talk(['USER a', 'PASS b', 'STAT', 'LIST', 'UIDL 2', 'RETR 1', 'TOP 2 0', 'QUIT']);
    expect(answers).toBe(
      '+OK ready\r\n+OK\r\n+OK\r\n+OK 2 48\r\n+OK\r\n1 24\r\n2 24\r\n.\r\n+OK 2 id2\r\n' +
        '+OK 24 octets\r\nSubject: one\r\n\r\n..first\r\n.\r\n+OK 16 octets\r\nSubject: two\r\n\r\n.\r\n+OK\r\n',
    );
    expect(lines).toEqual(['USER a', 'PASS b', 'STAT', 'LIST', 'UIDL 2', 'RETR 1', 'TOP 2 0', 'QUIT']);
  });

  test('tells other capabilities after login', async () => {
    const options = { capabilities: ['USER'], capabilitiesAfterLogin: ['UIDL'] };
    const [answers] = await talk(['CAPA', 'AUTH PLAIN', 'AGEAYg==', 'CAPA', 'QUIT'], options);
    expect(answers).toBe('+OK ready\r\n+OK\r\nUSER\r\n.\r\n+ \r\n+OK\r\n+OK\r\nUIDL\r\n.\r\n+OK\r\n');
  });

  test('does otherwise where it is told', async () => {
    const on = {
      STAT: (peer: Pop3Conversation, argument: string) =>
        `-ERR ${argument} ${peer instanceof Pop3Conversation}${peer.lines.length}`,
      NOOP: sendThen('+OK\r\n+O', (peer) => peer.transport.destroy()),
    };
    expect(await talk(['STAT x', 'NOOP', 'QUIT'], { on })).toEqual([
      '+OK ready\r\n-ERR x true1\r\n+OK\r\n+O',
      ['STAT x', 'NOOP', 'QUIT'],
    ]);
  });
});
