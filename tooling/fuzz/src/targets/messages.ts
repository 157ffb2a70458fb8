import { isDeepStrictEqual } from 'node:util';
import type { ByteRange, SequenceNumber } from '@posthorn/core';
import {
  headerFields,
  MessageScanner,
  type PartRange,
  parseHeader,
  type ScannedMessage,
  scanMessage,
} from '@posthorn/mime';
import { octetByOctet, randomSplits } from '@posthorn/testkit';
import { type FetchData, ResponseDecoder } from '@posthorn/wire';
import { keptInputs, messageInputs } from '../corpus.ts';
import { outcomeOf } from '../decode.ts';
import { MESSAGES } from '../message-grammar.ts';
import { octetsTarget } from '../octets-target.ts';
import { seedOfBytes } from '../random.ts';
import { expectSame, OracleError, type Target } from '../target.ts';
import { encodedOctets } from './responses.ts';

const OCTET_BY_OCTET_BYTES = 96;

/** Whole messages, as a server reads them once for their envelope and structure. */
export const messages: Target = octetsTarget({
  name: 'messages',
  seeds: [...keptInputs('messages'), ...messageInputs()],
  grammar: { grammar: MESSAGES, start: 'message' },
  check: (input) => {
    const scanned = scanMessage(input);
    checkSplits(input, scanned);
    if (scanned.size !== input.length) throw new OracleError('the size is not that of the message');
    if (scanned.header.start !== 0) throw new OracleError('the header does not begin the message');
    checkPart(scanned.root, { start: 0, end: input.length });
    checkFields(input.subarray(0, scanned.header.end));
    checkEncoding(scanned);
  },
});

function checkSplits(input: Uint8Array, expected: ScannedMessage): void {
  const ways =
    input.length < OCTET_BY_OCTET_BYTES ? [octetByOctet(input)] : randomSplits(input, seedOfBytes(input), { count: 1 });
  for (const chunks of ways) {
    const scanner = new MessageScanner();
    for (const chunk of chunks) {
      const lent = chunk.slice();
      scanner.push(lent);
      lent.fill(0x0a);
    }
    const scanned = scanner.finish();
    expectSame(isDeepStrictEqual(scanned, expected), 'another result in chunks than whole', scanned, expected);
  }
}

/** Parts lie within the body of what holds them, one behind the other. */
function checkPart({ header, body, parts }: PartRange, within: ByteRange): void {
  const isInOrder =
    within.start <= header.start && header.start <= header.end && header.end <= body.start && body.start <= body.end;
  if (!isInOrder || body.end > within.end)
    throw new OracleError(`a part lies wrong: ${JSON.stringify({ header, body, within })}`);
  let { start } = body;
  for (const part of parts) {
    checkPart(part, { start, end: body.end });
    start = part.body.end;
  }
}

/** The fields of a header are all of it but the empty line, and selecting splits them in two. */
function checkFields(header: Uint8Array): void {
  const fields = parseHeader(header);
  let end = 0;
  for (const { range } of fields) {
    if (range.start !== end || range.end <= range.start) throw new OracleError('header fields leave something out');
    end = range.end;
  }
  if (header.length - end > 2) throw new OracleError('header fields end too early');
  const names = fields
    .filter((_, index) => index % 2 === 0)
    .map(({ name }) => new TextDecoder().decode(new TextEncoder().encode(name)));
  const [chosen, others] = [headerFields(header, names), headerFields(header, names, true)];
  expectSame(
    chosen.length + others.length === end + 2 * (header.length - end),
    'selected fields do not add up',
    chosen,
    others,
  );
}

/** What a server found can be told to a client. */
function checkEncoding({ envelope, bodyStructure }: ScannedMessage): void {
  const items = { envelope, bodyStructure };
  const response: FetchData = { type: 'fetch', sequenceNumber: 1 as SequenceNumber, items };
  const limits = { maxDepth: 1000, maxLiteralBytes: 2 ** 24, maxLineBytes: 2 ** 24 };
  const { events } = outcomeOf(new ResponseDecoder(limits), [encodedOctets(response)]);
  const [event] = events;
  if (event?.type !== 'fetch' || events.length !== 1 || 'diagnostics' in event)
    throw new OracleError(`a client cannot read the structure: ${JSON.stringify(event)}`);
}
