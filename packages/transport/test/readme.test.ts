import { readFile } from 'node:fs/promises';
import { makeCertificate } from '@posthorn/certificates';
import { type ClientTlsOptions, utf8Bytes } from '@posthorn/core';
import { expect, it } from 'vitest';
import { connectTcp, connectTls, listen } from '../src/index.ts';
import { localhost, readAtLeast } from './pairs.ts';

const Run = Object.getPrototypeOf(async () => {}).constructor as FunctionConstructor;

/** The examples of the README, in order. */
async function examples(): Promise<readonly string[]> {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  return Array.from(readme.matchAll(/```ts\n(.*?)```/gs), (match) => match[1]!.replace(/^import .*$/gm, ''));
}

it('connects and reads the greeting', async () => {
  const certificate = await localhost();
  const listener = await listen({
    host: '127.0.0.1',
    port: 0,
    tls: certificate,
    onConnection: async (transport) => {
      await transport.write(utf8Bytes('* OK ready\r\n'));
      await readAtLeast(transport, 10);
      await transport.close();
    },
  });
  const [example] = await examples();
  const connect = () => connectTls({ host: 'localhost', port: listener.port, ca: certificate.ca });
  const greeting = await Run('connectTls', `${example}\nreturn greeting;`)(connect);
  expect(greeting).toEqual(utf8Bytes('* OK ready\r\n'));
  await listener.close();
});

it('upgrades a connection', async () => {
  const certificate = await makeCertificate({ hosts: ['imap.example.org'] });
  const listener = await listen({
    host: '127.0.0.1',
    port: 0,
    onConnection: async (transport) => {
      await transport.startTls({ role: 'server', ...certificate });
      await transport.close();
    },
  });
  const [, example] = await examples();
  const connect = async () => {
    const transport = await connectTcp(listener);
    const startTls = transport.startTls.bind(transport);
    return { startTls: (options: ClientTlsOptions) => startTls({ ...options, ca: certificate.ca }), transport };
  };
  const { transport } = await Run('connectTcp', `${example}\nreturn transport;`)(connect);
  expect(transport.security).toBe('tls');
  await transport.close();
  await listener.close();
});
