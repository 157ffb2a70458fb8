/** Every example of the RFCs of POP3: decoded by the role that reads it, and encoded again by the role that sends it. */
import { octetByOctet, randomSplits } from '@posthorn/testkit';
import { describe, expect, it } from 'vitest';
import {
  DotStuffer,
  encodePop3Command,
  encodePop3Status,
  hasPop3Body,
  Pop3CommandDecoder,
  type Pop3CommandEvent,
  Pop3ResponseDecoder,
  type Pop3ResponseEvent,
} from '../../src/pop3.ts';
import { concat, latin1 } from '../feed.ts';
import { type Example, examplesOf, side } from './examples.ts';
import { show } from './show.ts';

type Chunks = readonly Uint8Array[];

describe.each(['rfc1939', 'rfc2449'])('%s', (name) => {
  const examples = examplesOf(name);

  it.each(examples)('$title', (example) => {
    const client = side(example, 'client');
    const server = side(example, 'server');
    const sent = commandsOf([client]);
    const answered = answersOf(example, [server]);
    for (const chunks of [octetByOctet(client), ...randomSplits(client, 1)]) expect(commandsOf(chunks)).toEqual(sent);
    for (const chunks of [octetByOctet(server), ...randomSplits(server, 1)])
      expect(answersOf(example, chunks)).toEqual(answered);
    expect(sent.filter(({ type }) => type !== 'command')).toEqual([]);
    expect(answered.filter((event) => 'diagnostics' in event)).toEqual([]);
    expect(latin1(encodedCommands(sent))).toBe(latin1(client));
    expect(latin1(encodedAnswers(answered))).toBe(latin1(server));
  });

  it('has the values that were reviewed', async () => {
    await expect(examples.map(summary).join('\n')).toMatchFileSnapshot(`./${name}.values.txt`);
  });
});

function commandsOf(chunks: Chunks): readonly Pop3CommandEvent[] {
  const decoder = new Pop3CommandDecoder();
  const events: Pop3CommandEvent[] = [];
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (let event = decoder.next(); event !== undefined; event = decoder.next()) events.push(event);
  }
  return events;
}

function answersOf(example: Example, chunks: Chunks): readonly Pop3ResponseEvent[] {
  const decoder = new Pop3ResponseDecoder();
  // Only the session itself begins with a greeting; the other examples come from the middle of one.
  const hasGreeting = example.lines[0]?.from === 'server';
  if (!hasGreeting) {
    decoder.push(encodePop3Status({ isOk: true, text: 'ready' }));
    decoder.next();
  }
  for (const event of commandsOf([side(example, 'client')]))
    if (event.type === 'command') decoder.expect(hasPop3Body(event.command));
  const events: Pop3ResponseEvent[] = [];
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (let event = decoder.next(); event !== undefined; event = decoder.next()) {
      const last = events.at(-1);
      if (event.type === 'bodyData' && last?.type === 'bodyData')
        events[events.length - 1] = { type: 'bodyData', bytes: concat([last.bytes, event.bytes]) };
      else events.push(event);
    }
  }
  return events;
}

function encodedCommands(events: readonly Pop3CommandEvent[]): Uint8Array {
  return concat(
    events.flatMap((event) =>
      event.type === 'command'
        ? encodePop3Command(event.command).flatMap((piece) => (piece.type === 'bytes' ? [piece.bytes] : []))
        : [],
    ),
  );
}

function encodedAnswers(events: readonly Pop3ResponseEvent[]): Uint8Array {
  const chunks: Uint8Array[] = [];
  let stuffer = new DotStuffer();
  for (const event of events) {
    if (event.type === 'status') chunks.push(encodePop3Status(event));
    else if (event.type === 'bodyData') chunks.push(...stuffer.push(event.bytes));
    else if (event.type === 'bodyEnd') {
      chunks.push(stuffer.end());
      stuffer = new DotStuffer();
    }
  }
  return concat(chunks);
}

function summary(example: Example): string {
  return [
    `## ${example.title}`,
    ...commandsOf([side(example, 'client')]).map(
      (event) => `C ${show(event.type === 'command' ? event.command : event)}`,
    ),
    ...answersOf(example, [side(example, 'server')]).map(({ type, ...rest }) => `S ${type} ${show(rest)}`),
    '',
  ].join('\n');
}
