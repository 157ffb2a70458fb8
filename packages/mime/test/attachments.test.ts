import { describe, expect, it } from 'vitest';
import { fileNameOf, listAttachments, scanMessage, sectionRange } from '../src/index.ts';
import { latin1, octets } from './text.ts';

const MESSAGE = octets(
  [
    'Content-Type: multipart/mixed; boundary=outer',
    '',
    '--outer',
    'Content-Type: multipart/related; boundary=inner',
    '',
    '--inner',
    'Content-Type: text/html',
    '',
    '<img src="cid:logo@x">',
    '--inner',
    'Content-Type: image/png',
    'Content-ID: <logo@x>',
    '',
    'png',
    '--inner--',
    '--outer',
    'Content-Type: Application/PDF; name="ignored.pdf"',
    "Content-Disposition: attachment; filename*=utf-8''Pr%C3%BCfung.pdf",
    '',
    'pdf',
    '--outer',
    'Content-Type: text/plain; name=notes.txt',
    'Content-Disposition: inline',
    '',
    'notes',
    '--outer',
    'Content-Type: text/plain',
    'Content-Disposition: attachment',
    '',
    'nameless',
    '--outer',
    'Content-Type: message/rfc822',
    '',
    'Content-Type: image/gif',
    '',
    'gif',
    '--outer',
    '',
    'footer',
    '--outer--',
    '',
  ].join('\r\n'),
);

describe('listAttachments', () => {
  const scanned = scanMessage(MESSAGE);
  const attachments = listAttachments(scanned.bodyStructure);

  it('lists what is not the text, in order', () => {
    const rows = attachments.map(({ part, mediaType, fileName, isInline, contentId }) => {
      return [part.join('.'), mediaType, fileName, isInline, contentId];
    });
    expect(rows).toEqual([
      ['1.2', 'image/png', null, true, 'logo@x'],
      ['2', 'application/pdf', 'Prüfung.pdf', false, null],
      ['3', 'text/plain', 'notes.txt', true, null],
      ['4', 'text/plain', null, false, null],
      ['5', 'message/rfc822', null, false, null],
    ]);
  });

  it('numbers them as sections are', () => {
    const bodies = attachments.slice(0, 4).map(({ part }) => {
      const { start, end } = sectionRange(scanned, part)!;
      return latin1(MESSAGE.subarray(start, end));
    });
    expect(bodies).toEqual(['png', 'pdf', 'notes', 'nameless']);
  });

  it('finds the one part of a message that is nothing else', () => {
    const { bodyStructure } = scanMessage(octets('Content-Type: image/png\r\n\r\nx'));
    expect(listAttachments(bodyStructure)).toMatchObject([{ part: [1], mediaType: 'image/png' }]);
    expect(listAttachments(scanMessage(octets('\r\ntext')).bodyStructure)).toEqual([]);
  });
});

describe('fileNameOf', () => {
  it.each([
    ['a.txt', 'a.txt'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\\\Windows\\\\a.exe', 'a.exe'],
    ['a/', null],
    ['..', null],
    ['.', null],
    ['.profile', '.profile'],
    [' a ', 'a'],
    ['=?utf-8?Q?..=2Fa=00b=0D=0Ac?=', 'a b  c'],
    ['=?utf-8?Q?photo=E2=80=AEgpj.exe?=', 'photogpj.exe'],
    ['', null],
  ])('%j is %j', (name, harmless) => {
    const { bodyStructure } = scanMessage(octets(`Content-Type: image/png; name="${name}"\r\n\r\n`));
    expect(fileNameOf(bodyStructure)).toBe(harmless);
  });
});
