import { isDeepStrictEqual } from 'node:util';
import { concatBytes } from '@posthorn/core';
import {
  type DecoderOptions,
  encodeResponse,
  type Response,
  ResponseDecoder,
  type ResponseEncodeOptions,
  type ResponseEvent,
  type UnknownData,
} from '@posthorn/wire';
import { extensionResponse, readExtension } from '@posthorn/wire/extensions';
import { keptInputs, transcriptInputs } from '../corpus.ts';
import { type Outcome, outcomeHoweverCut, outcomeOf } from '../decode.ts';
import { hasImpossibleField } from '../field-names.ts';
import { octetsOf } from '../octets.ts';
import { octetsTarget } from '../octets-target.ts';
import { seedOfBytes } from '../random.ts';
import { RESPONSES } from '../response-grammar.ts';
import { expectSame, OracleError, refusedOr, shown, type Target } from '../target.ts';

/** Limits that a small input can reach. */
const SMALL_LIMITS: DecoderOptions = {
  maxLineBytes: 256,
  maxLiteralBytes: 32,
  maxInlineLiteralBytes: 8,
  maxResponseBytes: 300,
  maxDepth: 3,
};

/** What a client does with octets of a server. */
export const responses: Target = octetsTarget({
  name: 'responses',
  seeds: [...keptInputs('responses'), ...transcriptInputs('server')],
  grammar: { grammar: RESPONSES, start: 'stream' },
  check: checkResponses,
});

function checkResponses(input: Uint8Array): void {
  const limits = seedOfBytes(input) % 3 === 0 ? SMALL_LIMITS : {};
  const lenient = outcomeHoweverCut(() => new ResponseDecoder(limits), input);
  const strict = outcomeOf(new ResponseDecoder({ ...limits, mode: 'strict' }), [input]);
  checkModes(lenient, strict);
  for (const event of lenient.events) {
    checkEvent(event);
    if (event.type === 'unknown') checkExtension(event);
  }
}

/** Strict mode refuses exactly what lenient mode reports. */
function checkModes(lenient: Outcome<ResponseEvent>, strict: Outcome<ResponseEvent>): void {
  if (lenient.failure !== undefined || strict.failure !== undefined) return;
  if (!strict.events.some(({ type }) => type === 'invalid')) {
    expectSame(isDeepStrictEqual(lenient, strict), 'lenient mode reads right input otherwise', lenient, strict);
  }
  if (lenient.events.some((event) => 'diagnostics' in event) && !strict.events.some(({ type }) => type === 'invalid')) {
    throw new OracleError('strict mode accepts what lenient mode reports');
  }
}

/** What was decoded can be encoded, and is then decoded to the same value. */
function checkEvent(event: ResponseEvent): void {
  if (isPiece(event)) return;
  if ('diagnostics' in event || mayBeRefused(event)) {
    // A value that broke a rule may have no right spelling, but nothing may follow it.
    const octets = encodedIfPossible(event);
    if (octets !== undefined) expectOneResponse(octets, event);
    return;
  }
  const octets = encodedOctets(event);
  const decoded = outcomeOf(new ResponseDecoder(), [octets]).events.filter((each) => !isPiece(each));
  expectSame(isDeepStrictEqual(decoded, [sent(event)]), 'encoding changed a response', decoded, [event]);
}

/** Fields that no message can have decode as they are, and no encoder sends them. */
function mayBeRefused(response: Response): boolean {
  if (response.type !== 'fetch' && response.type !== 'uidFetch') return false;
  return response.items.sections?.some(({ section }) => hasImpossibleField(section)) === true;
}

/** What a response of an extension means can be sent, and means the same then. */
function checkExtension(response: UnknownData): void {
  const data = readExtension(response);
  if (data === undefined || data.type === 'malformed') return;
  if ('diagnostics' in data) {
    refusedOr(() => extensionResponse(data));
    return;
  }
  const sentData = refusedOr(() => extensionResponse(data));
  if (sentData === undefined && holdsUnsendable(data)) return;
  const [event] = outcomeOf(new ResponseDecoder(), [encodedOctets(sentData ?? extensionResponse(data))]).events;
  const again = event?.type === 'unknown' ? readExtension(event) : event;
  expectSame(isDeepStrictEqual(again, data), 'encoding changed an extension', again, data);
}

/** Whether a value holds what no encoder sends: CR and NUL, and 8-bit or special characters where an atom belongs. */
function holdsUnsendable(value: unknown): boolean {
  return /\\r|\\n|\\u00|[^ -~]/.test(shown(value));
}

function isPiece(event: ResponseEvent): event is Exclude<ResponseEvent, Response> {
  return (
    event.type === 'literalStart' ||
    event.type === 'uidLiteralStart' ||
    event.type === 'literalData' ||
    event.type === 'literalEnd' ||
    event.type === 'invalid'
  );
}

/** The octets of a response, with zeros in the place of streamed sections. */
export function encodedOctets(response: Response, options?: ResponseEncodeOptions): Uint8Array {
  return concatBytes(
    encodeResponse(response, options).map((piece) =>
      piece.type === 'bytes' ? piece.bytes : new Uint8Array(piece.size).fill(0x2e),
    ),
  );
}

/** Undefined for a response that cannot be sent. */
export function encodedIfPossible(response: Response, options?: ResponseEncodeOptions): Uint8Array | undefined {
  return refusedOr(() => encodedOctets(response, options));
}

/**
 * @throws OracleError unless the octets are one response of the same type, after which the stream is in step.
 */
export function expectOneResponse(octets: Uint8Array, response: Response): void {
  const { events, failure } = outcomeOf(new ResponseDecoder(), [octets, octetsOf('* 7 EXISTS\r\n')]);
  const types = events.filter((event) => !/literal/i.test(event.type)).map(({ type }) => type);
  const isOne = types.length === 2 && types[0] === response.type && types[1] === 'exists';
  expectSame(isOne && failure === undefined, 'encoding made something else of a response', { octets, types }, response);
}

/** What a client makes of a response without small limits: sections no longer flow, and no text is empty. */
export function sent(response: Response): Response {
  if (response.type === 'status' && response.text === '') return { ...response, text: '.' };
  if ((response.type !== 'fetch' && response.type !== 'uidFetch') || response.items.sections === undefined)
    return response;
  const sections = response.items.sections.map((section) =>
    section.value?.type === 'streamed' && section.value.size <= 65_536
      ? { ...section, value: { type: 'inline' as const, bytes: new Uint8Array(section.value.size).fill(0x2e) } }
      : section,
  );
  return { ...response, items: { ...response.items, sections } };
}
