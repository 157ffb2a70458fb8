/** Every example of the RFCs of IMAP: decoded by the role that reads it, and encoded again by the role that sends it. */
import { octetByOctet, randomSplits } from '@posthorn/testkit';
import { describe, expect, it } from 'vitest';
import { extensionCommand, extensionResponse, readExtension, readExtensionCommand } from '../../src/extensions.ts';
import { type Command, encodeCommand, encodeResponse, type Response, type ResponseEvent } from '../../src/index.ts';
import { commands, concat, latin1, responses } from '../feed.ts';
import { type CommandRead, commandsOf, type Read, responsesOf } from './conversation.ts';
import { type Example, examplesOf, rfcNames, side } from './examples.ts';
import { show } from './show.ts';

const RFCS = rfcNames().filter((name) => name !== 'rfc1939' && name !== 'rfc2449');
const STRICT = { mode: 'strict' } as const;

describe.each(RFCS)('%s', (name) => {
  const examples = examplesOf(name);

  it.each(examples)('$title', (example) => {
    const sent = commandsOf(example, {}, octetByOctet);
    const answered = responsesOf(octetByOctet(side(example, 'server')));
    expectSameHoweverCut(example, sent, answered);
    expectFaults(example, sent, answered);
    for (const read of sent) expectSameCommand(read);
    for (const read of answered) expectSameResponse(read);
  });

  it('has the values that were reviewed', async () => {
    await expect(examples.map(summary).join('\n')).toMatchFileSnapshot(`./${name}.values.txt`);
  });
});

function expectSameHoweverCut(
  example: Example,
  sent: readonly CommandRead[],
  answered: readonly Read<ResponseEvent>[],
): void {
  const server = side(example, 'server');
  const events = answered.map(({ event }) => event);
  expect(responsesOf([server]).map(({ event }) => event)).toEqual(events);
  for (const chunks of randomSplits(server, 1)) expect(responsesOf(chunks).map(({ event }) => event)).toEqual(events);
  expect(commandsOf(example)).toEqual(sent);
  for (let seed = 0; seed < 10; seed++) {
    const cut = (line: Uint8Array): readonly Uint8Array[] => [...randomSplits(line, seed, { count: 1 })][0]!;
    expect(commandsOf(example, {}, cut)).toEqual(sent);
  }
}

/** Strict mode refuses what the notes of the example name as faulty, lenient mode reports it; nothing else. */
function expectFaults(example: Example, sent: readonly CommandRead[], answered: readonly Read<ResponseEvent>[]): void {
  const strict = [...commandsOf(example, STRICT), ...responsesOf([side(example, 'server')], STRICT)];
  const refused = strict.filter(({ event }) => event.type === 'invalid').length;
  const typed = [...sent, ...answered].map(({ event }) => extensionOf(event)).filter(isFaulty).length;
  const reported = [...sent, ...answered].filter(({ event }) => isFaulty(event)).length;
  expect({ refused: refused + typed, reported: reported + typed }).toEqual({
    refused: example.faults,
    reported: example.faults,
  });
}

function isFaulty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'diagnostics' in value;
}

/** What a raw command or response means to the extension functions. */
function extensionOf(event: CommandRead['event'] | ResponseEvent): unknown {
  if (event.type === 'unknown') return readExtension(event);
  if (event.type === 'command' && event.command.name === 'X') return readExtensionCommand(event.command);
  return undefined;
}

/** The command encoded again is decoded to the same command; one of an extension goes through its typed value. */
function expectSameCommand({ event, messages }: CommandRead): void {
  if (event.type !== 'command' || isFaulty(event) || isFaulty(extensionOf(event))) return;
  const bytes = encodedCommand(event.tag, event.command, messages);
  const again = commands([bytes]).filter(({ type }) => type === 'command');
  expect(again.map((each) => extensionOf(each) ?? each)).toEqual([extensionOf(event) ?? event]);
}

function expectSameResponse({ event }: Read<ResponseEvent>): void {
  if (!isResponse(event) || isFaulty(event) || isFaulty(extensionOf(event))) return;
  const again = responses([encodedResponse(event)]);
  expect(again.map((each) => extensionOf(each) ?? each)).toEqual([extensionOf(event) ?? event]);
}

function withoutDiagnostics(value: unknown): unknown {
  if (!isFaulty(value)) return value;
  const { diagnostics: _, ...rest } = value as { readonly diagnostics: unknown };
  return rest;
}

function isResponse(event: ResponseEvent): event is Response {
  return event.type !== 'invalid' && !event.type.startsWith('literal');
}

function encodedCommand(
  tag: string,
  command: Command,
  messages: readonly Uint8Array[],
  literalPlus = false,
): Uint8Array {
  const typed = command.name === 'X' ? readExtensionCommand(command) : undefined;
  const value = typed === undefined || 'type' in typed ? command : extensionCommand(typed);
  let index = 0;
  return concat(
    encodeCommand(tag, value, { literalPlus }).flatMap((piece) => {
      if (piece.type === 'bytes') return [piece.bytes];
      return piece.type === 'message' ? [messages[index++]!] : [];
    }),
  );
}

function encodedResponse(response: Response): Uint8Array {
  const typed = response.type === 'unknown' ? readExtension(response) : undefined;
  const value = typed === undefined || typed.type === 'malformed' ? response : extensionResponse(typed);
  return concat(
    encodeResponse(value).map((piece) => {
      if (piece.type !== 'bytes') throw new TypeError('no section of an example is streamed');
      return piece.bytes;
    }),
  );
}

/** The values of an example, with the spelling of the encoder where that is another. */
function summary(example: Example): string {
  const lines = [`## ${example.title}`];
  for (const read of commandsOf(example, {}, octetByOctet)) {
    const { event } = read;
    if (event.type === 'line') lines.push(`C line ${show(event.bytes)}`);
    else if (event.type !== 'command') lines.push(`C ${show(event)}`);
    else {
      const { tag, command } = event;
      lines.push(`C ${tag} ${show(extensionOf(event) ?? command)}${problems(event)}`);
      const isPlus = latin1(read.octets).includes('+}\r\n');
      lines.push(...respelled(read.octets, encodedCommand(tag, command, read.messages, isPlus)));
    }
  }
  for (const { event, octets } of responsesOf(octetByOctet(side(example, 'server')))) {
    const { type, ...rest } = (extensionOf(event) ?? event) as ResponseEvent;
    lines.push(`S ${type} ${show(withoutDiagnostics(rest))}${problems(event)}${problems(extensionOf(event))}`);
    if (isResponse(event)) lines.push(...respelled(octets, encodedResponse(event)));
  }
  return `${lines.join('\n')}\n`;
}

function problems(value: unknown): string {
  if (!isFaulty(value)) return '';
  const { diagnostics } = value as { readonly diagnostics: readonly { readonly id: string }[] };
  return ` ! ${diagnostics.map(({ id }) => id).join(' ')}`;
}

function respelled(original: Uint8Array, again: Uint8Array): readonly string[] {
  return latin1(again) === latin1(original) ? [] : [`  again ${JSON.stringify(latin1(again))}`];
}
