import type {
  ConversionError,
  ConvertedItem,
  ConvertItem,
  ExtensionCommand,
  ExtensionData,
} from '@posthorn/wire/extensions';
import { compact, type Values } from '../values.ts';
import { messages } from './command-values.ts';

const TYPES = ['text/plain', 'image/jpeg', 'application/vnd.ms-excel'];

/** CONVERT. */
export function convertCommand(values: Values): ExtensionCommand {
  return {
    name: 'CONVERT',
    messages: messages(values),
    to: values.random.pick([null, ...TYPES]),
    parameters: parameters(values),
    items: values.some(() => item(values), 1),
  };
}

function parameters(values: Values): ReadonlyMap<string, string> {
  return new Map(values.some(() => [values.text(), values.text()]));
}

function part({ random }: Values): readonly number[] {
  return random.pick([[], [1], [2, 3]]);
}

function item(values: Values): ConvertItem {
  const { random } = values;
  switch (random.below(4)) {
    case 0:
      return { type: 'uid' };
    case 1:
      return compact({
        type: 'binary',
        part: part(values),
        partial: values.maybe(() => ({ offset: values.size(), length: 1 + values.size() })),
      });
    case 2:
      return { type: 'body', part: [1, ...part(values)], text: random.pick(['HEADER', 'MIME'] as const) };
    default:
      return { type: random.pick(['binarySize', 'bodyPartStructure', 'availableConversions']), part: part(values) };
  }
}

/** What a server says it can convert. */
export function conversion(values: Values): ExtensionData {
  return {
    type: 'conversion',
    from: values.random.pick(TYPES),
    to: values.random.pick(TYPES),
    parameters: values.some(() => values.text()),
  };
}

/** A message that was converted. */
export function converted(values: Values): ExtensionData {
  return compact({
    type: 'converted',
    sequenceNumber: values.sequenceNumber(),
    tag: values.text(),
    uid: values.maybe(() => values.uid()),
    items: values.some(() => convertedItem(values), 1),
  });
}

function convertedItem(values: Values): ConvertedItem {
  const { random } = values;
  switch (random.below(5)) {
    case 0:
      return { type: 'binarySize', part: part(values), size: values.size() };
    case 1:
      return {
        type: 'availableConversions',
        part: part(values),
        mediaTypes: values.some(() => random.pick(TYPES)),
      };
    case 2:
      return { type: 'body', part: part(values), text: 'HEADER', data: random.once(3) ? null : values.bytes() };
    case 3:
      return {
        type: 'error',
        section: { type: random.pick(['bodyPartStructure', 'binarySize']), part: part(values) },
        error: error(values),
      };
    default:
      return compact({
        type: 'binary',
        part: part(values),
        origin: values.maybe(() => values.size()),
        data: random.once(3) ? null : values.bytes(),
      });
  }
}

function error(values: Values): ConversionError {
  const { random } = values;
  const text = values.text();
  switch (random.below(4)) {
    case 0:
      return compact({ type: 'tempFail', text, minutes: values.maybe(() => values.id()) });
    case 1:
      return { type: 'other', text, code: 'X-REASON' };
    case 2:
      return {
        type: 'missingParameters',
        text,
        conversions: values.some(
          () =>
            failed(
              values,
              values.some(() => values.text(), 1),
            ),
          1,
        ),
      };
    default:
      return {
        type: 'badParameters',
        text,
        conversions: values.some(() => failed(values, parameters(values)), 1),
      };
  }
}

function failed<Parameters>(values: Values, named: Parameters) {
  return { from: values.random.pick([null, ...TYPES]), to: values.random.pick(TYPES), parameters: named };
}
