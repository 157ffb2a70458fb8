import { type Charset, encodeCharset } from './charsets.ts';
import { formatDate, type Moment } from './dates.ts';
import { encodedWords } from './encodings.ts';
import {
  attachmentEntity,
  type Entity,
  join,
  LENGTHS,
  type Lengths,
  messageEntity,
  multipart,
  signed,
  textEntity,
} from './entities.ts';
import { Random } from './random.ts';
import { HOSTS, KEYWORDS, LANGUAGES, type Language, LISTS, PEOPLE, type Person, ZONES } from './vocabulary.ts';

/** A message with what a mailbox knows about it. */
export interface CorpusMessage {
  /** The whole message; lines end in CRLF. */
  readonly bytes: Uint8Array;
  /** System flags and keywords, without `\Recent`. */
  readonly flags: string[];
  readonly internalDate: Moment;
}

export interface GenerateMessagesOptions {
  /** Any 32-bit number; the same seed gives the same octets everywhere. */
  readonly seed: number;
  readonly count: number;
  /** `realistic` has a median of about 8 KB and a tail to some hundred KB; `small` of about 3 KB. @defaultValue 'realistic' */
  readonly size?: 'small' | 'realistic';
  /** When the first message is written, in seconds since 1970. @defaultValue 2024-01-02T08:00:00Z */
  readonly startSeconds?: number;
}

/** What a reply needs to know about the message before it. */
interface Thread {
  readonly subject: string;
  readonly language: Language;
  readonly references: readonly string[];
}

interface Draft {
  readonly random: Random;
  readonly lengths: Lengths;
  readonly recent: Thread[];
  readonly written: Moment;
}

const MAX_THREADS = 40;

/** Generates messages one at a time. */
export function* generateMessages({
  seed,
  count,
  size = 'realistic',
  startSeconds = 1_704_182_400,
}: GenerateMessagesOptions): Generator<CorpusMessage, void, undefined> {
  const random = new Random(seed);
  const recent: Thread[] = [];
  let epochSeconds = startSeconds;
  for (let made = 0; made < count; made++) {
    epochSeconds += random.between(40, 40_000);
    const written: Moment = { epochSeconds, offsetMinutes: random.pick(ZONES) };
    const bytes = compose({ random, lengths: LENGTHS[size], recent, written });
    yield {
      bytes,
      flags: flags(random),
      internalDate: { epochSeconds: epochSeconds + random.between(1, 90), offsetMinutes: random.pick(ZONES) },
    };
  }
}

function compose(draft: Draft): Uint8Array {
  const { random, lengths, recent } = draft;
  const replied = recent.length > 0 && random.chance(40) ? random.pick(recent) : undefined;
  const language = replied?.language ?? random.weighted(LANGUAGES);
  const topic = replied?.subject ?? subject(random, language);
  const messageId = `<${random.token(10)}.${random.between(1000, 99_999)}@${random.pick(HOSTS)}>`;
  const header = headerLines(draft, { messageId, topic, replied, language });
  const { header: contentHeader, body } = random.chance(1)
    ? { header: [], body: new Uint8Array() }
    : content(random, language, lengths, () => compose({ ...draft, recent: [] }));
  if (recent.length >= MAX_THREADS) recent.shift();
  recent.push({ subject: topic, language, references: [...(replied?.references ?? []), messageId] });
  return join([encodeCharset(`${[...header, ...contentHeader].join('\r\n')}\r\n\r\n`, 'utf-8'), body]);
}

function subject(random: Random, { subjects }: Language): string {
  return random.chance(15) ? `${random.pick(subjects)} / ${random.pick(subjects)}` : random.pick(subjects);
}

interface Topic {
  readonly messageId: string;
  readonly topic: string;
  readonly replied: Thread | undefined;
  readonly language: Language;
}

function headerLines({ random, written }: Draft, { messageId, topic, replied, language }: Topic): string[] {
  const charset = random.pick(language.charsets);
  const form = random.pick(['B', 'Q'] as const);
  const isRaw = random.chance(2);
  const words = (text: string): string => (isRaw ? text : encodedWords(text, charsetFor(text, charset), form));
  const sender = random.pick(PEOPLE);
  const list = random.chance(18) ? random.pick(LISTS) : undefined;
  const prefix =
    (list === undefined ? '' : `[${list}] `) + (replied === undefined ? '' : random.pick(['Re: ', 'RE: ', 'AW: ']));
  const lines = received(random, written);
  lines.push(`From: ${mailboxText(sender, words)}`);
  if (random.chance(4)) lines.push(`Sender: ${random.pick(PEOPLE).address}`);
  if (random.chance(10)) lines.push(`Reply-To: ${mailboxText(random.pick(PEOPLE), words)}`);
  lines.push(`To: ${list === undefined ? recipients(random, words) : `${list}@lists.example`}`);
  if (random.chance(20)) lines.push(`Cc: ${recipients(random, words)}`);
  if (!random.chance(1)) lines.push(`Subject: ${prefix}${words(topic)}`);
  lines.push(`Date: ${formatDate(written)}${random.chance(15) ? ' (local time)' : ''}`, `Message-ID: ${messageId}`);
  if (replied !== undefined) {
    lines.push(
      `In-Reply-To: ${replied.references.at(-1)}`,
      `References: ${replied.references.slice(-12).join('\r\n ')}`,
    );
  }
  if (list !== undefined) {
    lines.push(
      `List-Id: ${list} discussion <${list}.lists.example>`,
      `List-Unsubscribe: <mailto:${list}-leave@lists.example>,\r\n\t<https://lists.example/${list}/leave>`,
      'Precedence: list',
    );
  }
  if (random.chance(40))
    lines.push(`User-Agent: ${random.pick(['Quill/3.1', 'Posting 0.9 (beta)', 'Webmail of example.com'])}`);
  lines.push('MIME-Version: 1.0');
  return lines;
}

function received(random: Random, { epochSeconds, offsetMinutes }: Moment): string[] {
  const hops = random.weighted([
    [30, random.between(0, 2)],
    [60, random.between(3, 6)],
    [10, random.between(8, 25)],
  ]);
  const lines: string[] = [];
  for (let hop = hops; hop > 0; hop--) {
    const [from, by] = [random.pick(HOSTS), random.pick(HOSTS)];
    lines.push(
      `Received: from ${from} (${from} [192.0.2.${random.between(1, 254)}])\r\n\tby ${by} with ESMTPS id ${random.token(14)}\r\n` +
        `\tfor <inbox@example.org>; ${formatDate({ epochSeconds: epochSeconds + hop, offsetMinutes })}`,
    );
  }
  if (random.chance(35)) {
    lines.push(
      'DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=mail;\r\n\th=from:to:subject:date;\r\n' +
        `\tbh=${random.token(43)}=;\r\n\tb=${random.token(60)}\r\n\t ${random.token(60)}\r\n\t ${random.token(50)}==`,
    );
  }
  return lines;
}

function recipients(random: Random, words: (text: string) => string): string {
  if (random.chance(3)) return 'undisclosed-recipients:;';
  const people = Array.from({ length: random.chance(80) ? 1 : random.between(2, 6) }, () => random.pick(PEOPLE));
  const list = people.map((person) => mailboxText(person, words)).join(',\r\n\t');
  return random.chance(3) ? `The crew: ${list};, ${random.pick(PEOPLE).address}` : list;
}

function mailboxText({ name, address }: Person, words: (text: string) => string): string {
  if (name === '') return address;
  const isPlain = /^[\w ]+$/.test(name);
  const isAscii = /^[ -~]+$/.test(name);
  return `${isPlain || !isAscii ? words(name) : `"${name.replace(/["\\]/g, '\\$&')}"`} <${address}>`;
}

/** The charset asked for when it can hold the text, UTF-8 otherwise. */
function charsetFor(text: string, charset: Charset): Charset {
  if (charset === 'utf-8' || charset === 'us-ascii') return 'utf-8';
  const marks = (octets: Uint8Array): number => octets.filter((octet) => octet === 0x3f).length;
  return marks(encodeCharset(text, charset)) === marks(encodeCharset(text, 'utf-8')) ? charset : 'utf-8';
}

function content(random: Random, language: Language, lengths: Lengths, inner: () => Uint8Array): Entity {
  const text = (subtype: 'plain' | 'html'): Entity =>
    textEntity(random, language, random.length(...random.weighted(lengths.text)), subtype);
  const alternative = (): Entity => multipart(random, 'alternative', [text('plain'), text('html')]);
  const attachments = (): Entity[] =>
    Array.from({ length: random.chance(75) ? 1 : random.between(2, 4) }, () =>
      attachmentEntity(random, language, lengths),
    );
  switch (random.weighted(SHAPES)) {
    case 'html':
      return text('html');
    case 'alternative':
      return alternative();
    case 'related':
      return multipart(random, 'alternative', [
        text('plain'),
        multipart(random, 'related', [text('html'), ...attachments()], '; type="text/html"'),
      ]);
    case 'mixed':
      return multipart(random, 'mixed', [random.chance(50) ? text('plain') : alternative(), ...attachments()]);
    case 'signed':
      return signed(
        random,
        random.chance(60) ? text('plain') : multipart(random, 'mixed', [text('plain'), ...attachments()]),
      );
    case 'forward':
      return multipart(random, 'mixed', [text('plain'), messageEntity(inner())]);
    default:
      return text('plain');
  }
}

const SHAPES = [
  [46, 'plain'],
  [6, 'html'],
  [26, 'alternative'],
  [4, 'related'],
  [10, 'mixed'],
  [4, 'signed'],
  [4, 'forward'],
] as const;

function flags(random: Random): string[] {
  const set: string[] = [];
  if (random.chance(68)) set.push('\\Seen');
  if (random.chance(14)) set.push('\\Answered');
  if (random.chance(6)) set.push('\\Flagged');
  if (random.chance(2)) set.push('\\Draft');
  if (random.chance(1.5)) set.push('\\Deleted');
  while (random.chance(10)) {
    const keyword = random.pick(KEYWORDS);
    if (!set.includes(keyword)) set.push(keyword);
  }
  return set;
}
