import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeText } from '@posthorn/core';
import { formatInternalDate } from '@posthorn/date';
import { decodeWords, parseHeader, scanMessage } from '@posthorn/mime';
import {
  type SortableMessage,
  type SortKey,
  sortableMessage,
  sortMessages,
  type ThreadNode,
  threadMessages,
} from '@posthorn/threading';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Dovecot, findDovecot, missingServer, type RawImap, rawImap, startDovecot } from '../src/index.ts';
import {
  corpusMailbox,
  identifierMailbox,
  type StoredMessage,
  subjectMailbox,
  tangledMailbox,
} from '../src/threading-torture.ts';

const PASSWORD = 'correct horse battery staple';
const hasDovecot = findDovecot() !== undefined;
if (!hasDovecot) missingServer('Dovecot', 'dovecot-imapd');

const KEYS: readonly SortKey[] = ['ARRIVAL', 'CC', 'DATE', 'DISPLAYFROM', 'DISPLAYTO', 'FROM', 'SIZE', 'SUBJECT', 'TO'];
const ALGORITHMS = ['ORDEREDSUBJECT', 'REFERENCES', 'REFS'] as const;

/** What a server would know of the message. */
function sortable({ bytes, internalDate }: StoredMessage, index: number): SortableMessage {
  const { envelope, size, header } = scanMessage(bytes);
  const fields = parseHeader(bytes.subarray(header.start, header.end));
  const references = fields.find(({ name }) => name.toLowerCase() === 'references');
  return sortableMessage(
    { number: index + 1, envelope, size, internalDate, references: references && decodeText(references.body) },
    decodeWords,
  );
}

describe.skipIf(!hasDovecot)('sorted and threaded as Dovecot does', () => {
  let folder: string;
  let dovecot: Dovecot;
  let imap: RawImap;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ph-'));
    await chmod(folder, 0o755);
    dovecot = await startDovecot({ folder, maildir: join(folder, 'mail'), user: 'alice', password: PASSWORD });
    imap = await rawImap(dovecot.imapPort, 'alice', PASSWORD);
  }, 60_000);

  afterAll(async () => {
    imap?.close();
    await dovecot?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function fill(name: string, messages: readonly StoredMessage[]): Promise<void> {
    await imap.command(`CREATE ${name}`);
    for (const { bytes, internalDate } of messages) {
      await imap.command(`APPEND ${name} "${formatInternalDate(internalDate)}"`, bytes);
    }
    await imap.command(`SELECT ${name}`);
  }

  const answer = async (command: string): Promise<string> => {
    const lines = await imap.command(`${command} UTF-8 ALL`);
    return lines.find((line) => line.startsWith(`* ${command.split(' ')[0]}`))!.trimEnd();
  };

  it.each([
    ['subjects', subjectMailbox()],
    ['identifiers', identifierMailbox()],
    ['corpus', corpusMailbox(400)],
    ...Array.from({ length: 30 }, (_, seed) => [`tangle${seed}`, tangledMailbox(seed, 8 + seed * 4)] as const),
  ] as const)(
    '%s',
    async (name, stored) => {
      await fill(name, stored);
      const messages = stored.map(sortable);
      const [theirs, ours]: Record<string, string>[] = [{}, {}];
      for (const key of KEYS) {
        for (const isReverse of [false, true]) {
          const order = [{ key, isReverse }, { key: 'DATE' }, { key: 'SIZE', isReverse: true }] as const;
          const program = `${isReverse ? 'REVERSE ' : ''}${key} DATE REVERSE SIZE`;
          theirs![program] = await answer(`SORT (${program})`);
          ours![program] = ['* SORT', ...sortMessages(messages, order).map(({ number }) => number)].join(' ');
        }
      }
      for (const algorithm of ALGORITHMS) {
        theirs![algorithm] = await answer(`THREAD ${algorithm}`);
        ours![algorithm] = threadLine(messages, algorithm);
      }
      expect(ours).toEqual(theirs);
    },
    60_000,
  );
});

function threadLine(messages: readonly SortableMessage[], algorithm: (typeof ALGORITHMS)[number]): string {
  return `* THREAD ${threadMessages(messages, algorithm).map(threadText).join('')}`.trimEnd();
}

function threadText({ number, children }: ThreadNode): string {
  return `(${[...(number === null ? [] : [String(number)]), ...answersText(children)].join(' ')})`;
}

/** An only child stands behind its parent, siblings each within parentheses. */
function answersText(nodes: readonly ThreadNode[]): readonly string[] {
  const [only] = nodes;
  if (nodes.length === 1) return [String(only!.number), ...answersText(only!.children)];
  return nodes.length === 0 ? [] : [nodes.map(threadText).join('')];
}
