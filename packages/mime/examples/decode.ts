import {
  decodeTransfer,
  decodeWords,
  findPreviewPart,
  listAttachments,
  previewText,
  scanMessage,
  sectionRange,
} from '@posthorn/mime';

const message = new TextEncoder().encode(
  [
    'Subject: =?utf-8?Q?Caf=C3=A9?=',
    'Content-Type: multipart/mixed; boundary=cut',
    '',
    '--cut',
    'Content-Type: text/html; charset=iso-8859-1',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    '<p>At the <b>caf=E9</b>, at noon.</p>',
    '--cut',
    "Content-Disposition: attachment; filename*=utf-8''men%C3%BC.csv",
    'Content-Transfer-Encoding: base64',
    '',
    'c291cCwy',
    '--cut--',
    '',
  ].join('\r\n'),
);

const scanned = scanMessage(message);
const octetsOf = (part: readonly number[]) => {
  const place = sectionRange(scanned, part);
  return message.subarray(place?.start, place?.end);
};

console.log(decodeWords(scanned.envelope.subject ?? '')); // Café

const text = findPreviewPart(scanned.bodyStructure);
if (text) console.log(previewText(octetsOf(text.part), text.body)); // At the café, at noon.

for (const { part, body, fileName } of listAttachments(scanned.bodyStructure)) {
  const { bytes } = decodeTransfer(octetsOf(part), body.encoding);
  console.log(`${fileName}: ${new TextDecoder().decode(bytes)}`); // menü.csv: soup,2
}
