import { expect } from 'vitest';
import {
  type ExtensionCommand,
  type ExtensionData,
  extensionCommand,
  extensionResponse,
  readExtension,
  readExtensionCommand,
} from '../src/extensions.ts';
import {
  type Command,
  type CommandDecoderOptions,
  type CommandEncodeOptions,
  type CommandEvent,
  encodeCommand,
  encodeResponse,
  type Response,
} from '../src/index.ts';
import { commands, concat, latin1, octets, response } from './feed.ts';

/** The octets of a command on one line, literals unasked, messages as full stops. */
export function sentText(command: Command, options: CommandEncodeOptions = {}): string {
  return latin1(
    concat(
      encodeCommand('a', command, { literalPlus: true, ...options }).map((piece) => {
        if (piece.type === 'bytes') return piece.bytes;
        return octets('.'.repeat(piece.type === 'message' ? piece.size : 0));
      }),
    ),
  );
}

/** The command of a line without tag and line end, or of several around literals. */
export function readCommandText(text: string, options: CommandDecoderOptions = {}): CommandEvent {
  const events = commands(`a ${text}\r\n`, options);
  const last = events.at(-1);
  if (last === undefined) throw new Error('expected a command');
  return last;
}

/** Checks that a line reads as a command, without complaint, and that the command reads the same once sent. */
export function expectCommand(text: string, command: Command, options: CommandEncodeOptions = {}): void {
  const event = { type: 'command', tag: 'a', command };
  expect(readCommandText(text, { mode: 'strict' })).toEqual(event);
  const sent = sentText(command, { utf8: true, binary: true, ...options });
  expect(commands(sent, { mode: 'strict' }).at(-1)).toEqual(event);
}

/** Checks that a line reads as a response, without complaint, and that the response is sent as that line. */
export function expectResponse(text: string, value: Response, sent: string = text): void {
  expect(response(`${text}\r\n`, { mode: 'strict' })).toEqual(value);
  const pieces = encodeResponse(value).map((piece) => (piece.type === 'bytes' ? latin1(piece.bytes) : ''));
  expect(pieces.join('')).toBe(`${sent}\r\n`);
  expect(response(`${sent}\r\n`, { mode: 'strict' })).toEqual(value);
}

/** The command of an extension on a line, without tag and line end. */
export function readExtensionText(text: string): ReturnType<typeof readExtensionCommand> {
  const event = readCommandText(text);
  if (event.type !== 'command' || event.command.name !== 'X') throw new Error(`expected an extension: ${text}`);
  return readExtensionCommand(event.command);
}

/** Checks that a line reads as the command of an extension, which reads the same once sent. */
export function expectExtension(text: string, value: ExtensionCommand, sent?: string): void {
  expect(readExtensionText(text)).toEqual(value);
  const line = sentText(extensionCommand(value));
  if (sent !== undefined) expect(line).toBe(`a ${sent}\r\n`);
  expect(readExtensionText(line.slice(2, -2))).toEqual(value);
}

/** The response of an extension on a line, without `* ` and line end. */
export function readExtensionData(text: string): ReturnType<typeof readExtension> {
  const event = response(`* ${text}\r\n`);
  if (event.type !== 'unknown') throw new Error(`expected an extension: ${text}`);
  return readExtension(event);
}

/** Checks that a line reads as the response of an extension, which is sent as that line. */
export function expectExtensionData(text: string, value: ExtensionData, sent: string = text): void {
  expect(readExtensionData(text)).toEqual(value);
  const pieces = encodeResponse(extensionResponse(value)).map((piece) =>
    piece.type === 'bytes' ? latin1(piece.bytes) : '',
  );
  expect(pieces.join('')).toBe(`* ${sent}\r\n`);
  expect(readExtensionData(sent)).toEqual(value);
}
