/**
 * Why a part could not be converted, in the place of what was asked for.
 * @see RFC 5259 section 9
 * @module
 */
import { ATOM, LPAREN, RPAREN, SP } from '../octets/octets.ts';
import type { ResponseWriter } from '../responses/response-writer.ts';
import type { Reader } from '../tokens/reader.ts';
import { skipValue } from '../tokens/skip-value.ts';
import { checkedAtom, checkedNumber } from '../tokens/spelling.ts';
import { type ConversionParameters, readParameters, readParametersBehind } from './convert-command.ts';
import { mediaTypeText, readMediaType, readMediaTypeOrNil } from './media-type.ts';

/** A conversion that cannot be done as asked. */
export interface FailedConversion<Parameters> {
  /** Null when there is no such part. */
  readonly from: string | null;
  /** Null when the server does not tell. */
  readonly to: string | null;
  readonly parameters: Parameters;
}

/** Each with words for people, in US-ASCII unless LANGUAGE was used. */
export type ConversionError =
  /** It may work later, not before so many minutes. */
  | { readonly type: 'tempFail'; readonly text: string; readonly minutes?: number }
  /** Parameters that are not understood or cannot be honoured; without any the conversion is not possible at all. */
  | {
      readonly type: 'badParameters';
      readonly text: string;
      readonly conversions: readonly FailedConversion<ConversionParameters>[];
    }
  /** Parameters that are needed. */
  | {
      readonly type: 'missingParameters';
      readonly text: string;
      readonly conversions: readonly FailedConversion<readonly string[]>[];
    }
  /** Another reason, in upper case, that RFC 5259 does not know. */
  | { readonly type: 'other'; readonly text: string; readonly code: string };

const KNOWN: ReadonlySet<string> = new Set(['TEMPFAIL', 'BADPARAMETERS', 'MISSINGPARAMETERS']);

/** Reads `(ERROR "why" TEMPFAIL)`, when it stands here. */
export function acceptConversionError(reader: Reader): ConversionError | undefined {
  if (reader.peek() !== LPAREN) return undefined;
  const start = reader.offset;
  reader.offset++;
  const isError = reader.acceptWord('ERROR');
  reader.offset = start;
  if (!isError) return undefined;
  reader.openList();
  reader.acceptWord('ERROR');
  reader.space();
  const text = reader.string();
  reader.space();
  const error = readCode(reader, text);
  reader.closeList();
  return error;
}

function readCode(reader: Reader, text: string): ConversionError {
  const code = reader.keyword();
  switch (code) {
    case 'TEMPFAIL':
      if (!isFollowedByMore(reader)) return { type: 'tempFail', text };
      reader.space();
      return { type: 'tempFail', text, minutes: reader.nonZero() };
    case 'BADPARAMETERS':
      return {
        type: 'badParameters',
        text,
        conversions: readConversions(reader, (isAlone) =>
          isAlone ? readParameters(reader) : readParametersBehind(reader),
        ),
      };
    case 'MISSINGPARAMETERS':
      return {
        type: 'missingParameters',
        text,
        conversions: readConversions(reader, (isAlone) => {
          if (!isAlone) reader.space();
          return readNames(reader);
        }),
      };
    default:
      while (isFollowedByMore(reader)) {
        reader.space();
        skipValue(reader);
      }
      return { type: 'other', text, code };
  }
}

function isFollowedByMore(reader: Reader): boolean {
  return reader.peek() === SP && !reader.isFollowedBy(RPAREN);
}

/** Lenient: parameters alone, as the examples of RFC 5259 section 9 have them. */
function readConversions<Parameters>(
  reader: Reader,
  read: (isAlone: boolean) => Parameters,
): readonly FailedConversion<Parameters>[] {
  reader.space();
  if (reader.peek() === LPAREN) {
    reader.quirk('QUIRK_MISSING_MEDIA_TYPES', 'parameters without the media types of a conversion');
    return [{ from: null, to: null, parameters: read(true) }];
  }
  const conversions: FailedConversion<Parameters>[] = [];
  do {
    if (conversions.length > 0) reader.space();
    const from = readMediaTypeOrNil(reader);
    reader.space();
    const to = readMediaType(reader);
    conversions.push({ from, to, parameters: read(false) });
  } while (isFollowedByMore(reader));
  return conversions;
}

function readNames(reader: Reader): readonly string[] {
  const names: string[] = [];
  reader.openList();
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) names.push(reader.astring());
  return names;
}

export function writeConversionError(writer: ResponseWriter, error: ConversionError): void {
  writer.text('(ERROR ').string(error.text).text(' ');
  switch (error.type) {
    case 'tempFail':
      writer.text(error.minutes === undefined ? 'TEMPFAIL' : `TEMPFAIL ${checkedNumber(error.minutes, 'minutes', 1)}`);
      break;
    case 'badParameters':
      writer.text('BADPARAMETERS');
      writeConversions(writer, error.conversions, ({ to, parameters }) => {
        if (to === null || parameters.size > 0)
          writer.text(' ').list(parameters, ([name, text]) => writer.string(name).text(' ').string(text));
      });
      break;
    case 'missingParameters':
      writer.text('MISSINGPARAMETERS');
      writeConversions(writer, error.conversions, ({ parameters }) =>
        writer.text(' ').list(parameters, (name) => writer.string(name)),
      );
      break;
    default: {
      const code = checkedAtom(error.code, ATOM, 'a reason');
      if (KNOWN.has(code.toUpperCase())) throw new RangeError(`${code} has a type of its own`);
      writer.text(code);
    }
  }
  writer.text(')');
}

function writeConversions<Parameters>(
  writer: ResponseWriter,
  conversions: readonly FailedConversion<Parameters>[],
  write: (conversion: FailedConversion<Parameters>) => void,
): void {
  if (conversions.length === 0) throw new RangeError('an error needs a conversion');
  for (const conversion of conversions) {
    const { from, to } = conversion;
    if (to !== null) writer.text(` ${from === null ? 'NIL' : mediaTypeText(from)} ${mediaTypeText(to)}`);
    else if (from !== null || conversions.length > 1) throw new RangeError('a conversion needs a media type to go to');
    write(conversion);
  }
}
