import { collectBytes, decodeText, type Transport, TransportError, utf8Bytes } from '@posthorn/core';
import { memoryPair } from '@posthorn/transport/memory-pair';
import { describe, expect, it } from 'vitest';
import { octetByOctet, playClient, playServer } from '../src/index.ts';

const CONVERSATION = `
# RFC 9051 section 6.2.3, with a literal
S: * OK ready
C: {tag} LOGIN alice {6}
S: + go ahead
C: secret
S: {tag} OK done
C: {tag} NOOP
S: {tag} OK still here
! end
`;

async function text(transport: Transport): Promise<string> {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let chunk = await transport.read(); chunk !== null; chunk = await transport.read()) yield chunk;
  }
  return decodeText(await collectBytes(chunks()));
}

describe('two scripted peers', () => {
  it.each([
    ['line by line', undefined],
    ['octet by octet', octetByOctet],
  ])('play one transcript to its end, %s', async (_, split) => {
    const [near, far] = memoryPair();
    const options = split === undefined ? {} : { split };
    const server = playServer(far, CONVERSATION, options);
    const client = await playClient(near, CONVERSATION.replace('! end', '! close'), options);
    expect(client.outcome).toBe('done');
    expect((await server).values.get('tag')).toBe('t2');
  });
});

describe('playServer', () => {
  it('binds tags it could not know, and tells two apart', async () => {
    const [near, far] = memoryPair();
    const server = playServer(far, 'C: {a} NOOP\nC: {b} NOOP\nS: {b} OK\nS: {a} OK\n! close');
    await near.write(utf8Bytes('x1 NOOP\r\nx2 NOOP\r\n'));
    expect(await text(near)).toBe('x2 OK\r\nx1 OK\r\n');
    expect((await server).values).toEqual(
      new Map([
        ['a', 'x1'],
        ['b', 'x2'],
      ]),
    );
  });

  it('takes anything for any, up to what follows', async () => {
    const [near, far] = memoryPair();
    const server = playServer(far, 'C: ID ({any}) x\nC: {any}\n! end');
    await near.write(octetsIn('ID ("a" "b") x\r\nwhatever\r\n'));
    await near.close();
    expect((await server).outcome).toBe('done');
  });

  it.each([
    ['another command', 'a NOOP\r\n', /line 1 .*LOGIN[\s\S]*"a NOOP/],
    ['another line end', 'a LOGIN\n', /"a LOGIN\\n"/],
    ['the end of the stream', 'a LOG', /"a LOG" and the end of the stream/],
  ])('notices %s', async (_, sent, message) => {
    const [near, far] = memoryPair();
    const server = playServer(far, 'C: {tag} LOGIN');
    await near.write(utf8Bytes(sent));
    await near.close();
    await expect(server).rejects.toThrow(message);
    await expect(server).rejects.toMatchObject({ name: 'TranscriptMismatchError', line: 1 });
  });

  it('notices a line that never ends where any should', async () => {
    const [near, far] = memoryPair();
    const server = playServer(far, 'C: a{any}b');
    await near.write(utf8Bytes('a no such letter\r\nb\r\n'));
    await expect(server).rejects.toThrow(/line 1 /);
  });

  it('notices octets after the end', async () => {
    const [near, far] = memoryPair();
    const server = playServer(far, 'C: {tag} NOOP\n! end');
    await near.write(utf8Bytes('a NOOP\r\nb NOOP\r\n'));
    await expect(server).rejects.toThrow(/"b NOOP/);
  });

  it('destroys the transport when aborted', async () => {
    const [near, far] = memoryPair();
    const abort = new AbortController();
    const server = playServer(far, 'C: {tag} NOOP', { signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(server).rejects.toThrow('enough');
    await expect(near.read()).rejects.toThrow(TransportError);
  });

  it('refuses a transcript that sends what it cannot know', async () => {
    const [, far] = memoryPair();
    await expect(playServer(far, 'S: {tag} OK')).rejects.toThrow(TypeError);
    const [, other] = memoryPair();
    await expect(playServer(other, 'S: {any}')).rejects.toThrow(TypeError);
  });
});

describe('faults', () => {
  const greeting = 'S: * OK ready\nC: {tag} NOOP\nS: {tag} OK';

  it('ends the connection after any number of octets', async () => {
    for (let endAt = 0; endAt <= 12; endAt++) {
      const [near, far] = memoryPair();
      const server = playServer(far, greeting, { faults: { endAt } });
      expect(await text(near)).toBe('* OK ready\r\n'.slice(0, endAt));
      expect((await server).outcome).toBe('ended');
    }
  });

  it('drops the connection', async () => {
    const [near, far] = memoryPair();
    const server = playServer(far, greeting, { faults: { resetAt: 4 } });
    expect(decodeText((await near.read())!)).toBe('* OK');
    await expect(near.read()).rejects.toMatchObject({ code: 'TRANSPORT_BROKEN' });
    expect((await server).outcome).toBe('reset');
  });

  it('stalls until the peer gives up', async () => {
    const [near, far] = memoryPair();
    const server = playServer(far, greeting, { faults: { stallAt: 4 } });
    expect(decodeText((await near.read())!)).toBe('* OK');
    await near.write(utf8Bytes('hello?\r\n'));
    near.destroy();
    expect((await server).outcome).toBe('stalled');
  });

  it('lies', async () => {
    const [near, far] = memoryPair();
    const lie = (octets: Uint8Array, { text }: { text: string }) =>
      text.includes('OK ready') ? utf8Bytes('BYE\r\n') : octets;
    const server = playServer(far, 'S: * OK ready\nS: more\n! close', { faults: { lie } });
    expect(await text(near)).toBe('BYE\r\nmore\r\n');
    expect((await server).outcome).toBe('done');
  });
});

function octetsIn(sent: string): readonly Uint8Array[] {
  return octetByOctet(utf8Bytes(sent));
}
