import { readdirSync, readFileSync } from 'node:fs';
import { everySplit, octetByOctet, parseTranscript, randomSplits } from '@posthorn/testkit';
import { describe, expect, it } from 'vitest';
import type { ResponseEvent } from '../src/index.ts';
import { concat, responses } from './feed.ts';

const DIRECTORY = new URL('./fixtures/quirks/', import.meta.url);

interface Fixture {
  readonly name: string;
  readonly ids: readonly string[];
  readonly octets: Uint8Array;
}

const fixtures: readonly Fixture[] = readdirSync(DIRECTORY).map((name) => {
  const text = readFileSync(new URL(name, DIRECTORY), 'utf8');
  const ids = [...text.matchAll(/^# (QUIRK_\w+)$/gm)].map((match) => match[1]!);
  const octets: Uint8Array[] = [];
  for (const step of parseTranscript(text)) {
    if (step.type === 'line') for (const piece of step.pieces) if (piece.type === 'octets') octets.push(piece.octets);
  }
  return { name, ids, octets: concat(octets) };
});

describe.each(fixtures)('$name', ({ ids, octets }) => {
  const events = responses([octets]);

  it('is accepted with the diagnostics it names, and no others', () => {
    expect(events.filter((event) => event.type === 'invalid')).toEqual([]);
    expect(new Set(events.flatMap(diagnosticIds))).toEqual(new Set(ids));
  });

  it('is refused in strict mode when it breaks a rule', () => {
    const refused = responses([octets], { mode: 'strict' }).some((event) => event.type === 'invalid');
    expect(refused).toBe(ids.length > 0);
  });

  it('gives the same events however it is cut', () => {
    for (const chunks of everySplit(octets)) expect(responses(chunks)).toEqual(events);
    for (const chunks of randomSplits(octets, 1)) expect(responses(chunks)).toEqual(events);
    expect(responses(octetByOctet(octets))).toEqual(events);
  });
});

function diagnosticIds(event: ResponseEvent): readonly string[] {
  return 'diagnostics' in event ? (event.diagnostics ?? []).map(({ id }) => id) : [];
}
