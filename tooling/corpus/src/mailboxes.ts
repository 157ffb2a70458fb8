import { type CorpusMessage, generateMessages } from './messages.ts';
import { Random } from './random.ts';

/** A mailbox with its mail. */
export interface CorpusMailbox {
  /** The parts of its name from the top, decoded; no part holds a `/`. */
  readonly path: readonly [string, ...string[]];
  readonly messages: CorpusMessage[];
}

export interface GenerateMailboxesOptions {
  /** Any 32-bit number; the same seed gives the same octets everywhere. */
  readonly seed: number;
  /** How many mailboxes; the first is INBOX. @defaultValue 5 */
  readonly mailboxes?: number;
  /** How many messages in all. INBOX gets the most. @defaultValue 200 */
  readonly messages?: number;
  /** @see {@link GenerateMessagesOptions.size} @defaultValue 'realistic' */
  readonly size?: 'small' | 'realistic';
}

const PATHS: readonly (readonly [string, ...string[]])[] = [
  ['INBOX'],
  ['Archive', '2024'],
  ['Entwürfe'],
  ['日本語'],
  ['R&D'],
  ['Sent'],
  ['Архив', 'Проекты'],
  ['Listes', 'développement'],
  ['Trash'],
  ['Ελληνικά & more'],
];

/** Generates an account: INBOX first, names in several scripts, one of them nested. */
export function generateMailboxes({
  seed,
  mailboxes = 5,
  messages = 200,
  size = 'realistic',
}: GenerateMailboxesOptions): CorpusMailbox[] {
  const random = new Random(seed);
  let left = messages;
  return Array.from({ length: mailboxes }, (_, index) => {
    const isLast = index === mailboxes - 1;
    const share = isLast ? left : Math.min(left, Math.ceil((left * random.between(35, 50)) / 100));
    left -= share;
    const path = PATHS[index] ?? (['Folders', `Folder ${index}`] as const);
    return { path, messages: [...generateMessages({ seed: random.bits(), count: share, size })] };
  });
}
