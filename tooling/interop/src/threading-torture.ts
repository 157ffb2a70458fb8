/**
 * Mailboxes that make sorting and threading hard.
 * @module
 */
import type { InternalDate } from '@posthorn/core';
import { generateMessages } from '@posthorn/corpus';
import { randomNumbers } from '@posthorn/testkit';

export interface StoredMessage {
  readonly bytes: Uint8Array;
  readonly internalDate: InternalDate;
}

const EPOCH = 1_700_000_000;

function message(header: readonly string[], place: number): StoredMessage {
  return {
    bytes: Buffer.from(`${header.join('\r\n')}\r\n\r\n${'x'.repeat(place % 7)}\r\n`),
    internalDate: { epochSeconds: EPOCH + ((place * 7919) % 1000), offsetMinutes: 0 },
  };
}

const SUBJECTS: readonly string[] = [
  'lunch',
  'Lunch',
  'Re: lunch',
  'RE: [list] lunch',
  '[list] Re: lunch',
  '[list][other] lunch',
  '[list] [other] Re[2]: lunch (fwd) (FWD) ',
  'Fwd: lunch',
  'FW: lunch',
  'fw[3] : lunch',
  'fwd [a]: [b] re [c] : lunch',
  '[fwd: lunch]',
  '[Fwd: [fwd: Re: lunch (fwd)] (fwd)]',
  '[fwd: lunch] dinner',
  '[fwd: lunch',
  'fwd: lunch]',
  '[fwd:]',
  '[fwd: ]',
  '[]',
  '[] lunch',
  '[list]',
  '[list] [other]',
  '[a [b] lunch',
  '[a] b] lunch',
  'Re:',
  'Re: ',
  'Re',
  'Re : lunch',
  'Re  :lunch',
  'Re:\tlunch',
  'Re:\r\n lunch',
  're:re:re:lunch',
  'Reply: lunch',
  'Fwdd: lunch',
  'AW: lunch',
  '(fwd)',
  '(fwd) lunch',
  'lunch(fwd)',
  'lunch (fwd',
  'lunch  at   noon',
  'lunch at noon',
  'Re: [list',
  '',
  ' ',
  '=?utf-8?Q?Re:_lunch?=',
  '=?utf-8?Q?Re?=: lunch',
  '=?utf-8?Q?lu?= =?utf-8?Q?nch?=',
  '=?utf-8?Q?lu?=nch',
  '=?utf-8?B?UmU6IGx1bmNo?=',
  '=?iso-8859-1?Q?Caf=E9?=',
  '=?utf-8?Q?Caf=C3=A9?=',
  '=?utf-8?Q?cafe=CC=81?=',
  '=?utf-8?Q?CAFE=CC=81?=',
  'Re: Café',
  'Straße',
  'STRASSE',
  'strasse',
  'ﬁnd',
  'find',
  'FIND',
  'ᾳδω',
  'Ωmega',
  'ωmega',
  'Re\u00a0: lunch',
  'Ｒｅ： lunch',
  '[list]\u00a0lunch',
  '한국',
  '日本',
  '\u{1f355} pizza',
  '\u{1f355} PIZZA',
  '\uffe9 arrow',
  'ქართული',
  '0',
  '10',
  '9',
  '_',
  'zebra',
  'Zebra crossing',
  'zebra (crossing)',
  'é',
  'e',
  'f',
  'İstanbul',
  'istanbul',
  'ıstanbul',
  'ſtreet',
  'street',
];

const PEOPLE: readonly string[] = [
  'a@example.org',
  'A@example.org',
  'b@example.org',
  'Zoe <zed@example.org>',
  '"Quoted, Name" <q@example.org>',
  '=?utf-8?Q?=C3=89mile?= <x@example.org>',
  'Émile <y@example.org>',
  '"" <empty@example.org>',
  'root',
  'Friends: a@example.org, b@example.org;',
  'undisclosed-recipients:;',
  '<>',
  '',
  'a@example.org (Comment Name)',
  '=?utf-8?B?QW5u?= <ann@example.org>',
  'ann <ann@example.com>',
  'ANN <ann@example.net>',
];

/** Every subject above, with every kind of address. */
export function subjectMailbox(): readonly StoredMessage[] {
  return SUBJECTS.map((subject, place) =>
    message(
      [
        `Subject: ${subject}`,
        `From: ${PEOPLE[place % PEOPLE.length]}`,
        `To: ${PEOPLE[(place * 5) % PEOPLE.length]}`,
        `Cc: ${PEOPLE[(place * 3) % PEOPLE.length]}`,
        `Date: ${DATES[place % DATES.length]}`,
        `Message-ID: <s${place}@example.org>`,
      ],
      place,
    ),
  );
}

const DATES: readonly string[] = [
  'Fri, 21 Nov 2023 09:55:06 -0600',
  'Fri, 21 Nov 2023 15:55:06 +0000',
  'Fri, 21 Nov 2023 16:55:06 +0100',
  '21 Nov 2023 15:55',
  'Fri, 21 Nov 97 09(comment):   55  :  06 CST',
  'Sat, 22 Nov 2023 00:00:00 +1400',
  'yesterday',
  '',
  'Mon, 1 Jan 2024 00:00:00 GMT',
  'Mon, 1 Jan 2024 00:00:00 EST',
  'Tue, 14 Nov 2023 22:13:20 +0000',
];

const IDENTIFIERS: readonly string[] = [
  '<a@x>',
  '<"a"@x>',
  '< a@x >',
  '<a @ x>',
  '<A@x>',
  '<"a b"@x>',
  '<"a\\"b"@x>',
  '<a.b@x>',
  '<"a.b"@x>',
  '<a . b@x>',
  '<a(comment)@x>',
  '<a@[192.0.2.1]>',
  '<a@[192.0.2.1>',
  '<nohost>',
  '<>',
  '<@>',
  '<@x>',
  '<a@>',
  'a@x',
  '<a@x',
  '<b<a@x>',
  '<b@x><c@x>',
  'text <c@x> (comment <d@x>)',
  '<e@x>,<f@x>',
  '<"unclosed@x> <g@x>',
  '<(unclosed@x> <h@x>',
  '<é@x>',
  '<a@x> <a@x>',
];

/** Message identifiers in every shape, referred to in every shape. */
export function identifierMailbox(): readonly StoredMessage[] {
  return IDENTIFIERS.flatMap((identifier, place) => [
    message([`Message-ID: ${identifier}`, `Subject: own ${place}`, `Date: ${DATES[0]}`], place),
    message([`References: ${identifier}`, `Subject: refers ${place}`, `Date: ${DATES[0]}`], place + 100),
    message([`In-Reply-To: ${identifier}`, `Subject: replies ${place}`, `Date: ${DATES[0]}`], place + 200),
    message(
      [`References: broken`, `In-Reply-To: ${identifier} <z@x>`, `Subject: both ${place}`, `Date: ${DATES[0]}`],
      place + 300,
    ),
  ]);
}

/** Messages that refer to one another at random: loops, duplicates, gaps, wrong orders, equal dates. */
export function tangledMailbox(seed: number, count: number): readonly StoredMessage[] {
  const random = randomNumbers(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const id = (): string => `<${below(Math.ceil(count * 0.8))}@x>`;
  return Array.from({ length: count }, (_, place) => {
    const header = [`Subject: ${['', 'Re: ', 'Fwd: ', '[x] '][below(4)]}${['a', 'b', 'c', 'd', ''][below(5)]}`];
    if (random() < 0.85) header.push(`Message-ID: ${id()}`);
    if (random() < 0.6) header.push(`References: ${Array.from({ length: below(5) }, id).join('\r\n ')}`);
    if (random() < 0.5) header.push(`In-Reply-To: ${id()}`);
    if (random() < 0.9) {
      const seconds = EPOCH + below(count);
      header.push(`Date: ${new Date(seconds * 1000).toUTCString()}`);
    }
    return message(header, place);
  });
}

/** A piece of the generated corpus. */
export function corpusMailbox(count: number): readonly StoredMessage[] {
  return [...generateMessages({ seed: 11, count, size: 'small' })];
}
