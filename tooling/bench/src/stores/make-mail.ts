import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { utf8Bytes } from '@posthorn/core';

const FLAGS = ['S', 'F', 'RS', 'FS'];
const START = 1_700_000_000;

/** A Maildir of small messages as Dovecot names them, without any index. Every second one is flagged. */
export function writeMaildir(root: string, messages: number): void {
  for (const name of ['cur', 'new', 'tmp']) mkdirSync(join(root, name), { recursive: true });
  for (let index = 0; index < messages; index++) {
    const seconds = START + index;
    const text = `From: a${index % 97}@example.org\r\nTo: b@example.org\r\nSubject: message ${index}\r\nDate: Sat, 21 Nov 2026 08:00:00 +0000\r\nMessage-ID: <${index}@example.org>\r\n\r\nHello.\r\n`;
    const unique = `${seconds}.M${String((index * 7919) % 1_000_000).padStart(6, '0')}P${1000 + (index % 30_000)}.bench`;
    const path = join(root, 'cur', `${unique},S=${text.length},W=${text.length}:2,${FLAGS[index % FLAGS.length]}`);
    writeFileSync(path, text);
    utimesSync(path, seconds, seconds);
  }
}

/** The same mail in another place, in links: renaming and removing there changes nothing here. */
export function linkMaildir(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  execFileSync('cp', ['-al', from, to]);
}

/** Makes a Maildir++ folder, as both sides understand it. */
export function makeFolder(root: string, name: string): void {
  for (const each of ['cur', 'new', 'tmp']) mkdirSync(join(root, `.${name}`, each), { recursive: true });
  writeFileSync(join(root, `.${name}`, 'maildirfolder'), '');
}

/** Takes away what Dovecot and the store keep beside the mail. */
export function dropIndexes(root: string): void {
  for (const name of readdirSync(root))
    if (/^(dovecot|posthorn)/.test(name)) rmSync(join(root, name), { recursive: true });
}

/** A message of 8 KB. */
export function eightKilobytes(): Uint8Array {
  const header = 'From: a@example.org\r\nTo: b@example.org\r\nSubject: eight kilobytes\r\n\r\n';
  const line = `${'The quick brown fox jumps over the lazy dog. '.repeat(2).slice(0, 76)}\r\n`;
  return utf8Bytes(header + line.repeat(Math.floor((8_192 - header.length) / line.length)));
}
