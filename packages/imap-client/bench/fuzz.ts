import { MailError, utf8Bytes } from '@posthorn/core';
import { randomNumbers } from '@posthorn/testkit';
import { ImapClientProtocol } from '../src/protocol.ts';
import type { Figure } from './figures.ts';

/** What answers are made of. */
const WORDS: readonly string[] = [
  ...[
    '* ',
    '+ ',
    'A1 ',
    'A1 OK done\r\n',
    '* OK ',
    '* 1 FETCH (',
    ')',
    '\r\n',
    '(',
    '"',
    '"a"',
    '{3}\r\nabc',
    '{3+}\r\n',
    '~{2}\r\n',
  ],
  ...[
    'UID 1',
    'FLAGS (\\Seen)',
    'ENVELOPE (',
    'NIL',
    ' NIL',
    'BODY[] ',
    'BODYSTRUCTURE (',
    'MODSEQ (1)',
    '1 EXISTS',
    ' EXPUNGE',
  ],
  ...[
    '* LIST () "/" ',
    'INBOX',
    '[UIDVALIDITY 1]',
    '[COPYUID 1 1:2 3:4]',
    '* SEARCH 1 2',
    '* ESEARCH (TAG "A1") UID ALL 1:9',
    '* VANISHED 1:*',
  ],
  ...[
    '\\',
    '%',
    '*',
    '\0',
    '\u00ff',
    '&AOk-',
    '99999999999',
    '-1',
    ' ',
    '\t',
    '{0}\r\n',
    '{999999999999}\r\n',
    '* STATUS x (MESSAGES 1)',
    '* CAPABILITY IMAP4rev1 ',
  ],
];

/** Everything that a protocol makes of octets cut like this, as text. */
function eventsOf(chunks: readonly Uint8Array[]): string {
  const protocol = new ImapClientProtocol({ tagPrefix: 'A' });
  const events: string[] = [];
  let literal = '';
  const drain = (): void => {
    for (let event = protocol.next(); event !== undefined; event = protocol.next()) {
      if (event.type === 'literalData') for (const octet of event.bytes) literal += `${octet},`;
      else events.push(show(event));
    }
  };
  try {
    for (const chunk of chunks) {
      protocol.receive(chunk);
      drain();
    }
  } catch (error) {
    if (!MailError.is(error)) throw error;
    events.push(error.code);
  }
  return `${events.join('\n')}\n${literal}`;
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'bigint'
      ? `${each}n`
      : each instanceof Map
        ? [...each]
        : each instanceof Uint8Array
          ? [...each]
          : each,
  );
}

/** Of a few runs, for a machine has other things to do as well. */
function fastestOf(bytes: Uint8Array): number {
  let fastest = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 3 && fastest > 1; run++) {
    const started = performance.now();
    eventsOf([bytes]);
    fastest = Math.min(fastest, performance.now() - started);
  }
  return fastest;
}

/** G8: made-up answers, whole and in pieces. */
export async function measureFuzz(): Promise<readonly Figure[]> {
  const inputs = Number(process.env['FUZZ_INPUTS'] ?? 20_000);
  const random = randomNumbers(20_261_121);
  let crashes = 0;
  let differences = 0;
  let slowest = 0;
  const heapBefore = process.memoryUsage().heapUsed;
  for (let count = 0; count < inputs; count++) {
    const length = 1 + Math.floor(random() ** 2 * 60);
    const text = Array.from({ length }, () => WORDS[Math.floor(random() * WORDS.length)]).join('');
    const bytes = utf8Bytes(`* PREAUTH hi\r\n${text}`);
    const cut = Math.floor(random() * bytes.length);
    try {
      const whole = eventsOf([bytes]);
      slowest = Math.max(slowest, fastestOf(bytes) / Math.max(1, bytes.length / 1024));
      if (eventsOf([bytes.subarray(0, cut), bytes.subarray(cut)]) !== whole) {
        differences++;
        console.log(`cut at ${cut}: ${JSON.stringify(text)}`);
      }
    } catch (error) {
      crashes++;
      console.log(`crash: ${JSON.stringify(text)}: ${String(error)}`);
    }
  }
  globalThis.gc?.();
  const grown = (process.memoryUsage().heapUsed - heapBefore) / 1024 / 1024;
  return [
    { goal: 'G8', what: 'made-up answers (FUZZ_INPUTS sets how many)', measured: `${inputs}`, aim: 'any', isMet: true },
    { goal: 'G8', what: 'crashes', measured: `${crashes}`, aim: '0', isMet: crashes === 0 },
    {
      goal: 'G8',
      what: 'other events when cut in two',
      measured: `${differences}`,
      aim: '0',
      isMet: differences === 0,
    },
    { goal: 'G8', what: 'slowest', measured: `${slowest.toFixed(1)} ms/KiB`, aim: '50 ms/KiB', isMet: slowest <= 50 },
    { goal: 'G8', what: 'heap left behind', measured: `${grown.toFixed(1)} MiB`, aim: '64 MiB', isMet: grown <= 64 },
  ];
}
