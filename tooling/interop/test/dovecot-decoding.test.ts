import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BodyStructure } from '@posthorn/core';
import { generateMessages } from '@posthorn/corpus';
import {
  decodeTransfer,
  findPreviewPart,
  previewText,
  scanMessage,
  sectionRange,
  transferDecoder,
} from '@posthorn/mime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Dovecot, findDovecot, missingServer, type RawImap, rawImap, startDovecot } from '../src/index.ts';

const PASSWORD = 'correct horse battery staple';
const hasDovecot = findDovecot() !== undefined;
if (!hasDovecot) missingServer('Dovecot', 'dovecot-imapd');

/** The numbers of parts that hold no others. */
function leaves(body: BodyStructure, part: readonly number[]): readonly (readonly [readonly number[], string])[] {
  if (body.type === 'multipart') return body.parts.flatMap((child, index) => leaves(child, [...part, index + 1]));
  return body.type === 'message' ? [] : [[part.length === 0 ? [1] : part, body.encoding]];
}

function octetsOf(message: Uint8Array, part: readonly number[]): Uint8Array {
  const { start, end } = sectionRange(scanMessage(message), part)!;
  return message.subarray(start, end);
}

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

/** The first string of an answer, quoted or literal. */
function stringIn(answer: string): string {
  const literal = /~?\{(\d+)\}\r\n/.exec(answer);
  if (literal !== null) return answer.substr(literal.index + literal[0].length, Number(literal[1]));
  return /"((?:[^"\\]|\\.)*)"/.exec(answer)![1]!.replace(/\\(.)/g, '$1');
}

describe.skipIf(!hasDovecot)('decoded as Dovecot does', () => {
  let folder: string;
  let dovecot: Dovecot;
  let imap: RawImap;
  const messages = [...generateMessages({ seed: 21, count: 300, size: 'small' })].map(({ bytes }) => bytes);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ph-'));
    await chmod(folder, 0o755);
    dovecot = await startDovecot({ folder, maildir: join(folder, 'mail'), user: 'alice', password: PASSWORD });
    imap = await rawImap(dovecot.imapPort, 'alice', PASSWORD);
    for (const bytes of messages) await imap.command('APPEND INBOX', bytes);
    await imap.command('SELECT INBOX');
  }, 60_000);

  afterAll(async () => {
    imap?.close();
    await dovecot?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('BINARY: every part of the corpus', async () => {
    let parts = 0;
    for (const [index, message] of messages.entries()) {
      for (const [part, encoding] of leaves(scanMessage(message).bodyStructure, [])) {
        const { bytes, faults } = decodeTransfer(octetsOf(message, part), encoding);
        const [answer] = await imap.command(`FETCH ${index + 1} BINARY.PEEK[${part.join('.')}]`);
        expect(stringIn(answer!)).toBe(latin1(bytes));
        expect(faults).toBe(0);
        parts += 1;
      }
    }
    expect(parts).toBeGreaterThan(messages.length);
  }, 60_000);

  it('PREVIEW: nearly every message of the corpus, and all of it but a character', async () => {
    let same = 0;
    for (const [index, message] of messages.entries()) {
      const found = findPreviewPart(scanMessage(message).bodyStructure);
      const ours = found === undefined ? '' : previewText(octetsOf(message, found.part), found.body);
      const [answer] = await imap.command(`FETCH ${index + 1} PREVIEW`);
      if (ours === Buffer.from(stringIn(answer!), 'latin1').toString()) same += 1;
    }
    expect(same / messages.length).toBeGreaterThan(0.95);
  }, 60_000);

  // Data that ends within a group or an escape makes this Dovecot end the connection, so there is nothing to compare.
  it.each([
    ['base64', 'SGVs\r\nbG8='],
    ['base64', 'SGVs====bG8='],
    ['base64', 'SGV-sbG8='],
    ['base64', '-SGVsbG8='],
    ['base64', 'SGVsbG8=\r\n\r\n-- \r\nsignature'],
    ['quoted-printable', 'a=3D=\r\nb \t\r\nc'],
    ['quoted-printable', 'a=XYb'],
    ['quoted-printable', 'a= b'],
    ['quoted-printable', 'a= \r\nb'],
    ['8bit', 'a=3D\xe9'],
    ['x-unknown', 'abc'],
  ])('BINARY of %s %j, or refuses what has faults', async (encoding, body) => {
    const message = Buffer.from(`MIME-Version: 1.0\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${body}`, 'latin1');
    await imap.command('APPEND INBOX', message);
    const theirs = await imap.command('FETCH * BINARY.PEEK[1]').then(
      ([answer]) => stringIn(answer!),
      (error: Error) => /\[(PARSE|UNKNOWN-CTE)\]/.exec(error.message)?.[1],
    );
    const { bytes, faults } = decodeTransfer(octetsOf(message, [1]), encoding);
    const isKnown = transferDecoder(encoding) !== undefined;
    expect(isKnown ? (faults === 0 ? latin1(bytes) : 'PARSE') : 'UNKNOWN-CTE').toBe(theirs);
  });
});
