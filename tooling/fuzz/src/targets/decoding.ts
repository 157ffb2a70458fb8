import { type BodyStructure, concatBytes, equalBytes } from '@posthorn/core';
import {
  decodeParameters,
  decodeTransfer,
  decodeWords,
  findPreviewPart,
  listAttachments,
  previewText,
  scanMessage,
  sectionRange,
  transferDecoder,
} from '@posthorn/mime';
import { octetByOctet, randomSplits } from '@posthorn/testkit';
import { baseSubject, parseMessageIds, sortableMessage, threadMessages, unicodeCasemap } from '@posthorn/threading';
import { keptInputs, messageInputs } from '../corpus.ts';
import { MESSAGES } from '../message-grammar.ts';
import { textOf } from '../octets.ts';
import { octetsTarget } from '../octets-target.ts';
import { seedOfBytes } from '../random.ts';
import { expectSame, OracleError, type Target } from '../target.ts';

/** What is done with a message once it was scanned: decoded, listed, previewed, sorted and threaded. */
export const decoding: Target = octetsTarget({
  name: 'decoding',
  seeds: [...keptInputs('messages'), ...messageInputs()],
  grammar: { grammar: MESSAGES, start: 'message' },
  check: (input) => {
    for (const encoding of ['base64', 'quoted-printable']) checkTransfer(input, encoding);
    checkText(textOf(input));
    checkMessage(input);
  },
});

/** The octets and the faults are the same however the input is cut. */
function checkTransfer(input: Uint8Array, encoding: string): void {
  const whole = decodeTransfer(input, encoding);
  const ways = [octetByOctet(input), ...randomSplits(input, seedOfBytes(input), { count: 1 })];
  for (const chunks of ways) {
    const decoder = transferDecoder(encoding)!;
    const pieces = chunks.map((chunk) => decoder.push(chunk).slice());
    const bytes = concatBytes([...pieces, decoder.finish()]);
    const isSame = equalBytes(bytes, whole.bytes) && decoder.faults === whole.faults;
    expectSame(isSame, `another result of ${encoding} in chunks than whole`, { bytes, faults: decoder.faults }, whole);
  }
}

/** Subjects have nothing more to take from what is left of them, mapped texts are mapped, identifiers have a host. */
function checkText(text: string): void {
  decodeWords(text);
  const { text: base } = baseSubject(text);
  expectSame(baseSubject(base).text === base, 'a base subject has a base subject of its own', base, baseSubject(base));
  for (const id of parseMessageIds(text)) if (!id.includes('@')) throw new OracleError(`no identifier: ${id}`);
  for (const [name] of decodeParameters([[text, text]])) {
    if (name !== name.toLowerCase()) throw new OracleError(`a name that is not in lower case: ${name}`);
  }
}

interface Found {
  readonly part: readonly number[];
  readonly body: { readonly size: number };
}

function checkMessage(input: Uint8Array): void {
  const scanned = scanMessage(input);
  const { envelope, bodyStructure, size } = scanned;
  // A multipart must show a part; where it has none, one of no octets stands in, which is nowhere.
  const octetsOf = ({ part, body }: Found): Uint8Array => {
    const range = sectionRange(scanned, part) ?? { start: 0, end: 0 };
    if (range.end - range.start !== body.size)
      throw new OracleError(`part ${part.join('.')} is not where it should be`);
    return input.subarray(range.start, range.end);
  };
  for (const attachment of listAttachments(bodyStructure)) {
    const { body, fileName } = attachment;
    checkTransfer(octetsOf(attachment), body.encoding.toLowerCase() === 'base64' ? 'base64' : 'quoted-printable');
    if (fileName !== null && /[/\\\p{Cc}]|^\.{0,2}$/u.test(fileName)) throw new OracleError(`a file named ${fileName}`);
  }
  checkPreview(bodyStructure, octetsOf);
  const message = sortableMessage({ number: 1, envelope, size, references: envelope.inReplyTo ?? '' }, decodeWords);
  const [thread] = threadMessages([message], 'REFERENCES');
  if (thread?.number !== 1 || thread.children.length > 0) throw new OracleError('one message is not one thread');
}

function checkPreview(structure: BodyStructure, octetsOf: (part: Found) => Uint8Array): void {
  const found = findPreviewPart(structure);
  if (found === undefined) return;
  const preview = previewText(octetsOf(found), found.body);
  if ([...preview].length > 200 || /[\p{Cc}]|^\s|\s$|\s\s/u.test(preview)) {
    throw new OracleError(`no preview: ${JSON.stringify(preview)}`);
  }
  unicodeCasemap(preview);
}
