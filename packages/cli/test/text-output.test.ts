import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { textOutput } from '../src/output/text-output.ts';

it('lets nothing that a server says move the cursor, begin a line or turn the text around', () => {
  const stderr = new PassThrough();
  const output = textOutput({ stdout: new PassThrough(), stderr });
  const counts = { added: 1, flagsChanged: 0, removed: 0, bytes: 3, failed: 0 };
  output.note('posthorn: a\u001b[2Jb\r\nc\u2028d\u202ee');
  output.progress('').update({ type: 'mailboxDone', path: ['x\u001b[31m', 'y\n'], messages: 1, ...counts });
  expect(String(stderr.read())).toBe('posthorn: a [2Jb c d e\nx [31m/y : 1 added (3 B), 0 flags changed, 0 removed\n');
});
