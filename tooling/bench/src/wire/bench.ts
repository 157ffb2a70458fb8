import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chunksOf } from '../chunks.ts';
import { bundleContender, contenderTable } from '../contenders.ts';
import { clientCommands, fetchesIn } from './own.ts';
import { recordAnswers } from './recording.ts';

const READERS = [
  'wire',
  'ImapFlow with formatting',
  'ImapFlow without formatting',
  'emailjs-imap-handler',
  'node-imap',
  'line and literal splitter',
];
const BODY_READERS = [...READERS, 'wire, octets copied once', 'line and literal splitter, octets copied once'];

/** How fast answers of Dovecot become values, and values answers, in tables of ratios. */
export async function wireBench(messages: number, rounds: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ph-wire-'));
  try {
    const file = await bundleContender('wire/contender');
    const { metadata, bodies } = await recordAnswers(messages);
    const fetches = fetchesIn(chunksOf(metadata));
    if (fetches.length !== messages) throw new Error(`${fetches.length} messages instead of ${messages}`);
    await writeFile(join(folder, 'metadata'), metadata);
    await writeFile(join(folder, 'bodies'), bodies);
    await writeFile(join(folder, 'commands'), clientCommands(fetches));
    const contender = (name: string, recording: string) => ({ name, args: [folder, name, recording] });
    const reading = (recording: string, readers = READERS) => readers.map((name) => contender(name, recording));
    const serving = [
      contender('wire: commands decoded', 'commands'),
      contender('wire: FETCH responses encoded', 'metadata'),
    ];
    const megabytes = ({ length }: Buffer): string => (length / 1e6).toFixed(1);
    return [
      await contenderTable(`Metadata of ${messages} messages, ${megabytes(metadata)} MB`, file, reading('metadata'), {
        rounds,
      }),
      await contenderTable(
        `Bodies of 2,000 messages, ${megabytes(bodies)} MB, streamed`,
        file,
        reading('bodies', BODY_READERS),
        { rounds },
      ),
      await contenderTable('The side of a server', file, serving, { rounds }),
    ].join('\n');
  } finally {
    await rm(folder, { recursive: true });
  }
}
