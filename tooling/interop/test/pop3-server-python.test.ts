import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { findPython, missingServer, type Pop3Maildrop, pop3Mail, runProgram, startPop3Maildrop } from '../src/index.ts';

const python = await findPython('poplib');
if (python === undefined) missingServer('Python', 'python3');
const twistedPython = await findPython('twisted.mail.pop3client, OpenSSL, service_identity');
if (twistedPython === undefined) missingServer('Twisted', 'python3-twisted');

let maildrop: Pop3Maildrop | undefined;
afterEach(async () => {
  await maildrop?.stop();
  maildrop = undefined;
});

interface Seen {
  readonly before: readonly string[];
  readonly behind?: readonly string[];
  readonly after: readonly string[];
  readonly utf8?: string;
  readonly stat: readonly [number, number];
  readonly list: readonly string[];
  readonly uidl: readonly string[];
  readonly sizes: readonly number[];
  readonly ids: readonly string[];
  readonly one: readonly string[];
  /** In base64. */
  readonly messages: readonly string[];
  readonly tops: readonly string[];
  readonly refused: string;
  readonly left: readonly [number, number];
  readonly quit: string;
  readonly error?: string;
}

async function job(program: string, command: string, security: string, auth: string): Promise<Seen> {
  const script = fileURLToPath(new URL(`../programs/${program}`, import.meta.url));
  const { port, securePort, caFile, user, password } = maildrop!;
  const args = [security, `${security === 'tls' ? securePort : port}`, caFile, auth, user, password];
  const { stdout, stderr } = await runProgram(command, [script, ...args]);
  if (!stdout.startsWith('{')) throw new Error(stderr);
  const seen = JSON.parse(stdout) as Seen;
  if (seen.error !== undefined) throw new Error(seen.error);
  return seen;
}

const mail = pop3Mail();
/** What RETR sends. */
const sent = mail.map((text) => (text.endsWith('\r\n') ? text : `${text}\r\n`));
const sizes = sent.map((text) => text.length);
const tops = sent.map((text) => {
  const header = text.slice(0, text.indexOf('\r\n\r\n') + 4);
  const lines = text.slice(header.length).split(/(?<=\r\n)/);
  return header + lines.slice(0, 2).join('');
});
const decoded = (texts: readonly string[]) => texts.map((text) => Buffer.from(text, 'base64').toString('latin1'));

describe.each(['memory', 'maildir'] as const)('over %s', (kind) => {
  describe.skipIf(python === undefined)('poplib', () => {
    it.each([
      ['none', 'user'],
      ['stls', 'user'],
      ['tls', 'user'],
      ['none', 'apop'],
    ])('does its whole job, security %s, login by %s', { timeout: 60_000 }, async (security, auth) => {
      maildrop = await startPop3Maildrop(kind, mail);
      const seen = await job('poplib_job.py', python!, security, auth);
      const octets = sizes.reduce((sum, size) => sum + size, 0);
      expect(seen.before.includes('STLS')).toBe(security !== 'tls');
      if (security === 'stls') expect(seen.behind).not.toContain('STLS');
      expect(seen.after).toEqual(expect.arrayContaining(['TOP', 'UIDL', 'PIPELINING', 'RESP-CODES', 'UTF8']));
      expect(seen.utf8).toMatch(/^\+OK/);
      expect(seen.stat).toEqual([mail.length, octets]);
      expect(seen.list).toEqual(sizes.map((size, index) => `${index + 1} ${size}`));
      expect(new Set(seen.uidl.map((line) => line.split(' ')[1])).size).toBe(mail.length);
      expect(seen.one).toEqual([`+OK ${seen.list.at(-1)}`, `+OK ${seen.uidl.at(-1)}`]);
      expect(decoded(seen.messages)).toEqual(sent);
      expect(decoded(seen.tops)).toEqual(tops);
      expect(seen.refused).toContain('There is no such message');
      expect(seen.left).toEqual([mail.length - 2, octets - sizes[0]! - sizes[2]!]);
      expect(seen.quit).toMatch(/^\+OK/);
      expect(await maildrop.messages()).toEqual(mail.filter((_, index) => index !== 0 && index !== 2));
    });
  });

  describe.skipIf(twistedPython === undefined)('the client of Twisted', () => {
    it.each([
      ['none', 'insecure'],
      ['none', 'apop'],
      ['stls', 'user'],
      ['tls', 'user'],
    ])('does its whole job, security %s, login by %s', { timeout: 60_000 }, async (security, auth) => {
      maildrop = await startPop3Maildrop(kind, mail, { apop: auth === 'apop', stls: auth !== 'insecure' });
      const seen = await job('twisted_job.py', twistedPython!, security, auth);
      const octets = sizes.reduce((sum, size) => sum + size, 0);
      expect(seen.after).toEqual(expect.arrayContaining(['TOP', 'UIDL', 'PIPELINING', 'SASL']));
      expect(seen.stat).toEqual([mail.length, octets]);
      expect(seen.sizes).toEqual(sizes);
      expect(new Set(seen.ids).size).toBe(mail.length);
      expect(decoded(seen.messages)).toEqual(sent);
      expect(decoded(seen.tops)).toEqual(tops);
      expect(seen.left).toEqual([mail.length - 2, octets - sizes[0]! - sizes[2]!]);
      expect(await maildrop.messages()).toEqual(mail.filter((_, index) => index !== 0 && index !== 2));
    });
  });
});
