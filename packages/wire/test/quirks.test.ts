/** Oddities seen in the field, and their neighbours: the same fault in other places. */
import { readdirSync, readFileSync } from 'node:fs';
import { everySplit, octetByOctet, randomSplits } from '@posthorn/testkit';
import { describe, expect, it } from 'vitest';
import { readExtension, readExtensionCommand } from '../src/extensions.ts';
import type { CommandEvent, ResponseEvent } from '../src/index.ts';
import { hasPop3Body, Pop3CommandDecoder, Pop3ResponseDecoder } from '../src/pop3.ts';
import { commands, concat, responses } from './feed.ts';
import { QUIRK_FIXTURES, type QuirkFixture } from './quirk-fixtures.ts';

type Chunks = readonly Uint8Array[];

const STRICT = { mode: 'strict' } as const;
const imap = QUIRK_FIXTURES.filter(({ protocol }) => protocol === 'imap');
const pop3 = QUIRK_FIXTURES.filter(({ protocol }) => protocol === 'pop3');

describe.each(imap)('$name', (fixture) => {
  const read = fixture.lines[0]!.from === 'client' ? commands : responses;
  const octets = said(fixture, fixture.lines[0]!.from);
  const events: readonly (ResponseEvent | CommandEvent)[] = read([octets]);

  it('is accepted with the diagnostics it names, and no others', () => {
    expect(events.some(({ type }) => type === 'invalid')).toBe(fixture.isInvalid);
    const noted = events.flatMap(ids).filter((id) => !fixture.isInvalid || id !== 'SYNTAX');
    expect(new Set(noted)).toEqual(new Set(fixture.ids));
  });

  it('is refused or reported in strict mode, each line that breaks a rule', () => {
    const strict: readonly (ResponseEvent | CommandEvent)[] = read([octets], STRICT);
    const isFault = (event: ResponseEvent | CommandEvent): boolean => event.type === 'invalid' || ids(event).length > 0;
    expect(strict.filter(isFault).length).toBe(events.filter(isFault).length);
  });

  it('is a fault in every line, but for those that show what stays in step', () => {
    const whole = events.filter(({ type }) => !/literal/i.test(type));
    const faults = whole.filter((event) => ids(event).length > 0).length;
    expect(faults).toBe(
      fixture.ids.length === 0 ? 0 : whole.length - (fixture.isInvalid ? WHOLE_LINES[fixture.name]! : 0),
    );
  });

  it('gives the same events however it is cut', () => {
    for (const chunks of octets.length > 2000 ? [octetByOctet(octets)] : everySplit(octets))
      expect(read(chunks)).toEqual(events);
    for (const chunks of randomSplits(octets, 1)) expect(read(chunks)).toEqual(events);
    expect(read(octetByOctet(octets))).toEqual(events);
  });
});

/** Lines without a fault in fixtures whose faults are no values. */
const WHOLE_LINES: Readonly<Record<string, number>> = { '39-second-completion': 2, '40-plain-text': 1 };

describe.each(pop3)('$name', (fixture) => {
  const octets = said(fixture, 'server');
  const events = pop3Events(fixture, [octets]);

  it('is accepted with the diagnostics it names, and no others', () => {
    expect(new Set(events.flatMap(ids))).toEqual(new Set(fixture.ids));
  });

  it('gives the same events however it is cut', () => {
    for (const chunks of everySplit(octets)) expect(pop3Events(fixture, chunks)).toEqual(events);
    expect(pop3Events(fixture, octetByOctet(octets))).toEqual(events);
  });
});

describe('every diagnostic', () => {
  const source = new URL('../src/', import.meta.url);
  const inSource = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => [...readFileSync(new URL(name, source), 'utf8').matchAll(/'(QUIRK_\w+)'/g)])
    .map((match) => match[1]!);

  it('has a fixture, and every fixture a diagnostic there is', () => {
    expect([...new Set(QUIRK_FIXTURES.flatMap((fixture) => fixture.ids))].sort()).toEqual(
      [...new Set(inSource)].sort(),
    );
  });

  it('stands in docs/quirks.md', async () => {
    await expect(page(QUIRK_FIXTURES)).toMatchFileSnapshot('../docs/quirks.md');
  });
});

function said(fixture: QuirkFixture, from: 'client' | 'server'): Uint8Array {
  return concat(fixture.lines.filter((line) => line.from === from).map(({ octets }) => octets));
}

/** The ids of what was noted, by the decoder and by the functions of extensions. */
function ids(event: object): readonly string[] {
  const noted = 'diagnostics' in event ? (event.diagnostics as readonly { readonly id: string }[]) : [];
  const extension = 'type' in event ? extensionOf(event as ResponseEvent | CommandEvent) : undefined;
  return [...noted.map(({ id }) => id), ...(extension === undefined ? [] : ids({ ...extension, type: 'read' }))];
}

function extensionOf(event: ResponseEvent | CommandEvent): object | undefined {
  if (event.type === 'unknown') return readExtension(event);
  return event.type === 'command' && event.command?.name === 'X' ? readExtensionCommand(event.command) : undefined;
}

function pop3Events(fixture: QuirkFixture, chunks: Chunks): readonly object[] {
  const sent = new Pop3CommandDecoder();
  sent.push(said(fixture, 'client'));
  const decoder = new Pop3ResponseDecoder();
  for (let event = sent.next(); event !== undefined; event = sent.next())
    if (event.type === 'command') decoder.expect(hasPop3Body(event.command));
  const events: object[] = [];
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (let event = decoder.next(); event !== undefined; event = decoder.next()) {
      const last = events.at(-1);
      if (event.type === 'bodyData' && last !== undefined && 'bytes' in last)
        events[events.length - 1] = { type: 'bodyData', bytes: concat([last.bytes as Uint8Array, event.bytes]) };
      else events.push(event);
    }
  }
  decoder.end();
  return events;
}

/** The table of what is accepted. */
function page(fixtures: readonly QuirkFixture[]): string {
  const rows = fixtures.map(({ name, ids, seen, rule }) =>
    [
      `[${name}](../test/fixtures/quirks/${name}.txt)`,
      ids.map((id) => `\`${id}\``).join(', '),
      seen,
      `\`${rule}\``,
    ].map((cell) => cell.replaceAll('|', '\\|')),
  );
  return `# Oddities of servers and clients

What peers were seen to send although it breaks a rule, and the same faults in other places. \`lenient\` mode accepts each with the diagnostic named here; \`strict\` mode refuses it, or reports it where a function of an extension reads it. Without a diagnostic: it breaks no rule, but programs have stumbled over it. Each links to a sample. The tests write this table.

${table([['Sample', 'Diagnostic', 'Seen', 'Rule'], ...rows])}
`;
}

/** A table of Markdown with its columns in line. */
function table([head, ...rows]: readonly (readonly string[])[]): string {
  const widths = head!.map((_, column) => Math.max(...[head!, ...rows].map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  return [line(head!), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
