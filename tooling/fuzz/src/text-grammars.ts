import { Grammar } from './grammar.ts';
import { SHARED } from './shared-productions.ts';

/** Sets of messages, mostly right. */
export const SETS: Grammar = new Grammar({
  ...SHARED,
  start: [
    '<set>',
    '<uidSet>',
    '<ascending>',
    '<set>,<set>',
    '<oddNumber>',
    '<set>,',
    ',<set>',
    '<set>:<set>',
    '0<nonZero>',
  ],
  ascending: ['1:3,5,7:9', '1,<digit><digit>,1<digit><digit>:2<digit><digit>', '1,2,3,4,5,6'],
});

/** Every kind of date mail knows, mostly right. */
export const DATES: Grammar = new Grammar({
  ...SHARED,
  start: ['<internal>', '<day>', '<message>', '<message>', '<rfc3339>', '<words>', '"<internal>"'],
  two: ['01', '12', '<digit><digit>', '23', '59', '60', '00', '<digit>'],
  year: ['2024', '1970', '0000', '9999', '19<two>', '<two>', '<two><two>', '1<two>'],
  month: ['Jan', 'Feb', 'JUN', 'dec', 'Sep', 'Sept', '<two>', 'Juli'],
  zone: [
    '+0000',
    '-0000',
    '+1400',
    '-1200',
    '+0530',
    '+<two><two>',
    'GMT',
    'EST',
    'Z',
    'A',
    'UT',
    '(CET)',
    '+0100 (CET)',
    '',
  ],
  time: ['<two>:<two>:<two>', '<two>:<two>', '<two>.<two>.<two>', '<two>:<two>:<two>.<number>'],
  internal: ['<two>-<month>-<year> <time> <zone>', ' <digit>-<month>-<year> <time> <zone>'],
  day: ['<two>-<month>-<year>', '"<two>-<month>-<year>"'],
  message: [
    '<week><two> <month> <year> <time> <zone>',
    '<week> <two> (<words>) <month> <year> <time> <zone> <comment>',
    '<week><comment><two>\r\n <month>\t<year> <time> <zone>',
    '<week> <month> <two> <time> <year>',
  ],
  week: ['', 'Mon, ', 'Tue,', 'Wednesday, ', 'Thu '],
  comment: ['', '(x)', '(<comment>)', '(\\)<words>)', '((<comment>)<comment>', ')'],
  rfc3339: ['<year>-<two>-<two>T<time>Z', '<year>-<two>-<two>T<time>+<two>:<two>', '<year>-<two>-<two>t<time>z'],
});

/** Mailbox names as they stand on the wire, right and wrong. */
export const NAMES: Grammar = new Grammar({
  ...SHARED,
  start: [
    '<name>',
    '<name><name>',
    '<plain>',
    '<shift>',
    '<shift><plain><start>',
    '&<base>-',
    '<utf8>',
    '<plain><start>',
  ],
  plain: ['a', 'Sent Items', '~peter/mail', '&-', 'a/b', '.', '%', '*', '\\', '"', '\t', '\x7f', 'INBOX'],
  shift: ['&<base>-', '&<base>', '&<base>=-', '&<base>&', '&AGE-', '&2D3YLA-', '&2D3YLNg-', '&AAA-', '&,,8-'],
  base: ['AOQ', 'ZeVnLIqe', 'AGE', '2D3e', '<baseOctet><base>', '<baseOctet><baseOctet><baseOctet>'],
  baseOctet: ['A', 'Z', 'a', '0', '9', '+', ',', '/', 'Q', '2', 'D', '='],
});
