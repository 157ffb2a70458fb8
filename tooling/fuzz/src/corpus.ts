import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { concatBytes } from '@posthorn/core';
import { parseTranscript } from '@posthorn/testkit';

const CORPUS = fileURLToPath(new URL('../corpus/', import.meta.url));
const PACKAGES = fileURLToPath(new URL('../../../packages/', import.meta.url));

/** The kept inputs of one kind, `corpus/KIND/*`, in the order of their names. */
export function keptInputs(kind: string): readonly Uint8Array[] {
  return filesBelow(join(CORPUS, kind)).map((path) => new Uint8Array(readFileSync(path)));
}

/** What one side says in the transcripts among the fixtures of all packages, and in the examples of the RFCs. */
export function transcriptInputs(side: 'client' | 'server'): readonly Uint8Array[] {
  const examples = filesBelow(join(PACKAGES, 'wire/test/rfc')).flatMap((path) =>
    path.endsWith('.txt') && !path.endsWith('.values.txt') ? readFileSync(path, 'utf8').split(/^(?=## )/m) : [],
  );
  const fixtures = fixtureFiles().flatMap((path) => (path.endsWith('.txt') ? [readFileSync(path, 'utf8')] : []));
  return [...fixtures, ...examples].flatMap((text) => {
    const said = sideOf(text, side);
    return said === undefined || said.length === 0 ? [] : [said];
  });
}

/** The messages among the fixtures of all packages. */
export function messageInputs(): readonly Uint8Array[] {
  return fixtureFiles()
    .filter((path) => path.endsWith('.eml'))
    .map((path) => new Uint8Array(readFileSync(path)));
}

/** Undefined for a text that is no transcript. */
function sideOf(text: string, side: 'client' | 'server'): Uint8Array | undefined {
  try {
    const steps = parseTranscript(text).filter((step) => step.type === 'line' && step.from === side);
    const pieces = steps.flatMap((step) => (step.type === 'line' ? step.pieces : []));
    return concatBytes(pieces.map((piece) => (piece.type === 'octets' ? piece.octets : Uint8Array.of(0x61, 0x31))));
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function fixtureFiles(): readonly string[] {
  return readdirSync(PACKAGES)
    .sort()
    .flatMap((name) => filesBelow(join(PACKAGES, name, 'test/fixtures')));
}

function filesBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
