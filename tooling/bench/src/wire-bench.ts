import { clientCommands, decode, decodeCommands, encodeAll, fetchesIn } from './wire-own.ts';
import { emailjsReader, imapFlowReader, nodeImapReader } from './wire-peers.ts';
import { chunksOf, recordAnswers } from './wire-recording.ts';
import { split } from './wire-splitter.ts';

interface Contender {
  readonly name: string;
  /** Octets on the wire that a run stands for. */
  readonly octets: number;
  /** Answers how much it found, so that all are seen to have done the work. */
  run(): number | Promise<number>;
}

const WARM_UP_ROUNDS = 3;

/** How fast answers of Dovecot become values, and values answers, in tables of ratios. */
export async function wireBench(messages: number, rounds: number): Promise<string> {
  const { metadata, bodies } = await recordAnswers(messages);
  const fetches = fetchesIn(metadata);
  if (fetches.length !== messages) throw new Error(`${fetches.length} messages instead of ${messages}`);
  const commands = chunksOf(clientCommands(fetches));
  const readers = [
    ['ImapFlow with formatting', await imapFlowReader(true)],
    ['ImapFlow without formatting', await imapFlowReader(false)],
    ['emailjs-imap-handler', emailjsReader()],
    ['node-imap', nodeImapReader()],
    ['line and literal splitter', async (chunks: readonly Buffer[]) => split(chunks)],
  ] as const;
  const decoding = (chunks: readonly Buffer[]): readonly Contender[] => [
    { name: 'wire', octets: total(chunks), run: () => countEvents(chunks) },
    ...readers.map(([name, read]) => ({ name, octets: total(chunks), run: () => read(chunks) })),
  ];
  const serving: readonly Contender[] = [
    { name: 'wire: commands decoded', octets: total(commands), run: () => decodeCommands(commands) },
    { name: 'wire: FETCH responses encoded', octets: encodeAll(fetches), run: () => encodeAll(fetches) },
  ];
  return [
    await table(`Metadata of ${messages} messages decoded, ${megabytes(metadata)} MB`, decoding(metadata), rounds),
    await table(`Bodies of 2,000 messages streamed, ${megabytes(bodies)} MB`, decoding(bodies), rounds),
    await table('A server’s side', serving, rounds),
  ].join('\n');
}

function countEvents(chunks: readonly Buffer[]): number {
  let count = 0;
  decode(chunks, () => {
    count += 1;
  });
  return count;
}

/** Runs all in turn, round by round, and tells the medians and the ratios to the first. */
async function table(title: string, contenders: readonly Contender[], rounds: number): Promise<string> {
  const rates: number[][] = contenders.map(() => []);
  const found: number[] = [];
  for (let round = 0; round < WARM_UP_ROUNDS + rounds; round++) {
    for (const [index, { octets, run }] of contenders.entries()) {
      const started = performance.now();
      found[index] = await run();
      if (round >= WARM_UP_ROUNDS) rates[index]!.push(octets / (performance.now() - started) / 1000);
    }
  }
  const first = rates[0]!;
  const rows = contenders.map(({ name }, index) => {
    const ratios = rates[index]!.map((rate, round) => first[round]! / rate);
    const range = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
    const figures = [median(rates[index]!).toFixed(0), median(ratios).toFixed(2), range, found[index]];
    return `| ${[name, ...figures].join(' | ')} |`;
  });
  return [
    `### ${title}`,
    '',
    `| ${rounds} rounds, median | MB/s | ${contenders[0]!.name} is faster by | range | found |`,
    '| --- | ---: | ---: | ---: | ---: |',
    ...rows,
    '',
  ].join('\n');
}

function total(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, { length }) => sum + length, 0);
}

function megabytes(chunks: readonly Uint8Array[]): string {
  return (total(chunks) / 1e6).toFixed(1);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
