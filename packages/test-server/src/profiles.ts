import type { Fault } from './faults.ts';

/** How a known server departs from the usual, as far as it matters to clients. */
export interface ServerProfile {
  /** What it imitates. */
  readonly description: string;
  /** Capabilities it does not have, by name. */
  readonly without: readonly string[];
  /** What it does all the time. */
  readonly faults: readonly Fault[];
  /** Commands it refuses until the client has said ID. */
  readonly needsId?: { readonly commands: readonly string[]; readonly reply: string } | undefined;
}

export type ProfileName =
  | 'minimal'
  | 'exchange-2003'
  | 'exchange-2016'
  | 'gmail'
  | 'icloud'
  | 'netease'
  | 'proton-bridge'
  | 'qq'
  | 'yandex'
  | 'zoho';

const always = Number.POSITIVE_INFINITY;
const replaced = (line: RegExp, replaceWith: string): Fault => ({
  at: { line },
  action: { replaceWith },
  times: always,
});

/** All that RFC 3501 does not have. */
const EXTENSIONS = [
  ...['ACL', 'APPENDLIMIT', 'BINARY', 'CATENATE', 'CHILDREN', 'COMPRESS', 'CONDSTORE', 'CONTEXT', 'CREATE-SPECIAL-USE'],
  ...['ENABLE', 'ESEARCH', 'ESORT', 'ID', 'IDLE', 'IMAP4rev2', 'INPROGRESS', 'LIST-EXTENDED', 'LIST-METADATA'],
  ...['LIST-MYRIGHTS', 'LIST-STATUS', 'LITERAL+', 'LITERAL-', 'METADATA', 'METADATA-SERVER', 'MOVE', 'MULTIAPPEND'],
  ...['MULTISEARCH', 'NAMESPACE', 'NOTIFY', 'OBJECTID', 'PARTIAL', 'PREVIEW', 'QRESYNC', 'QUOTA', 'QUOTASET'],
  ...['REPLACE', 'RIGHTS', 'SASL-IR', 'SAVEDATE', 'SEARCHRES', 'SORT', 'SPECIAL-USE', 'STATUS', 'THREAD', 'UIDONLY'],
  ...['UIDPLUS', 'UNAUTHENTICATE', 'UNSELECT', 'UTF8', 'WITHIN'],
];

/** Departures that were seen in the field, by the server they were seen on. */
export const PROFILES: Readonly<Record<ProfileName, ServerProfile>> = {
  minimal: { description: 'RFC 3501 and nothing more', without: EXTENSIONS, faults: [] },
  'exchange-2003': {
    description: 'Exchange 2003: drops the connection on NAMESPACE, and says some tagged responses twice',
    without: EXTENSIONS.filter((name) => !['IDLE', 'NAMESPACE', 'CHILDREN'].includes(name)),
    faults: [
      { at: { command: 'NAMESPACE' }, action: 'close', times: always },
      replaced(/^(\S+ OK FETCH.*)$/i, '$1\r\n$1'),
    ],
  },
  'exchange-2016': {
    description: 'Exchange 2016: tagged responses without text, sizes of -1, few extensions',
    without: EXTENSIONS.filter(
      (name) => !['IDLE', 'NAMESPACE', 'CHILDREN', 'UIDPLUS', 'MOVE', 'ID', 'UNSELECT', 'LITERAL+'].includes(name),
    ),
    faults: [
      replaced(/^([^*+ ]\S* OK) [^[].*$/, '$1'),
      replaced(/("(?:7bit|8bit|base64|quoted-printable)") \d+ \d+/i, '$1 -1 -1'),
    ],
  },
  gmail: {
    description: 'Gmail: HIGHESTMODSEQ without text, no SORT and THREAD',
    without: ['SORT', 'THREAD', 'ACL', 'METADATA', 'QRESYNC', 'NOTIFY', 'BINARY', 'CATENATE', 'MULTIAPPEND', 'CONTEXT'],
    faults: [replaced(/^(\* OK \[HIGHESTMODSEQ \d+\]).*$/, '$1')],
  },
  icloud: {
    description: 'iCloud: BYE without text',
    without: ['SORT', 'THREAD', 'NOTIFY', 'MOVE', 'SPECIAL-USE', 'LITERAL+'],
    faults: [replaced(/^\* BYE.*$/, '* BYE')],
  },
  netease: {
    description: '163 and 126: nothing can be selected before ID, empty STATUS of INBOX, a space too many in SEARCH',
    without: EXTENSIONS.filter((name) => !['ID', 'IDLE', 'UIDPLUS', 'STARTTLS'].includes(name)),
    faults: [replaced(/^(\* STATUS "?INBOX"?) \(.*\)$/i, '$1 ()'), replaced(/^(\* SEARCH(?: \d+)+)$/, '$1 ')],
    needsId: { commands: ['SELECT', 'EXAMINE'], reply: 'NO SELECT Unsafe Login. Please contact kefu@188.com for help' },
  },
  'proton-bridge': {
    description: 'Proton Bridge: BAD for LIST with selection or return options',
    without: ['LIST-EXTENDED', 'LIST-STATUS', 'NOTIFY', 'SORT', 'THREAD', 'CONDSTORE', 'QRESYNC'],
    faults: [],
  },
  qq: {
    description: 'QQ: a space at the end of CAPABILITY and of FETCH',
    without: EXTENSIONS.filter((name) => !['ID', 'IDLE', 'UIDPLUS', 'NAMESPACE', 'CHILDREN'].includes(name)),
    faults: [replaced(/^(\* CAPABILITY .*\S)$/, '$1 '), replaced(/^(\* \d+ FETCH \(.*[^\s{}])\)$/, '$1 )')],
  },
  yandex: {
    description: 'Yandex: BYE again and again until the connection ends',
    without: ['SORT', 'THREAD', 'NOTIFY', 'ACL', 'METADATA', 'BINARY', 'LITERAL+'],
    faults: [replaced(/^(\* BYE.*)$/, '$1\r\n$1\r\n$1')],
  },
  zoho: {
    description: 'Zoho: mod-sequences of -1',
    without: ['SORT', 'THREAD', 'NOTIFY', 'QRESYNC', 'ACL', 'METADATA'],
    faults: [replaced(/MODSEQ \(\d+\)/, 'MODSEQ (-1)')],
  },
};
