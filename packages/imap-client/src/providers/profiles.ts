import type { Provider } from './provider.ts';

/** Providers by what is known of them. A fact stays here only with its evidence. */
export const PROVIDERS: readonly Provider[] = [
  {
    id: 'gmail',
    name: 'Gmail and Google Workspace',
    hosts: ['gmail.com', 'googlemail.com', 'google.com'],
    capabilities: ['X-GM-EXT-1'],
    greeting: /\bGimap ready\b/,
    ids: ['gimap'],
    maxConnections: 10,
    quirks: [
      {
        id: 'labels',
        what: 'Mailboxes are labels: a message is in several of them, and X-GM-MSGID, X-GM-THRID and X-GM-LABELS tell which.',
        evidence: ['https://developers.google.com/workspace/gmail/imap/imap-extensions'],
      },
      {
        id: 'delete-removes-label',
        what: 'Expunging removes a label, or does what the account is set to; only moving to the trash deletes.',
        remedy: 'Move messages to the mailbox with the use \\Trash instead of expunging them.',
        evidence: [
          'https://developers.google.com/workspace/gmail/api/reference/rest/v1/ImapSettings',
          'https://github.com/rgrove/larch/issues/29',
        ],
      },
      {
        id: 'connections',
        what: 'More than 15 connections of one account, and before that 10, are refused with "Too many simultaneous connections".',
        remedy: 'An account opens 10 at the most, and takes the refusal for a hint.',
        evidence: [
          'https://github.com/zone-eu/wildduck/issues/35',
          'http://mail.google.com/support/bin/answer.py?hl=en&answer=97150',
        ],
      },
      {
        id: 'highest-mod-seq-without-text',
        what: 'HIGHESTMODSEQ comes without a text behind its code.',
        remedy: 'Read as it is.',
        evidence: ['https://github.com/modern-email/defects/issues/28'],
      },
    ],
  },
  {
    id: 'outlook',
    name: 'Outlook.com, Microsoft 365 and Exchange',
    hosts: ['outlook.com', 'office365.com', 'hotmail.com', 'live.com'],
    capabilities: ['CLIENTACCESSRULES', 'CLIENTNETWORKPRESENCELOCATION', 'BACKENDAUTHENTICATE'],
    greeting: /\bMicrosoft Exchange\b/,
    ids: ['microsoft.exchange.imap4.imap4server'],
    maxConnections: 8,
    quirks: [
      {
        id: 'authenticated-but-not-connected',
        what: 'After too many connections logging in works and the first command is answered "BAD User is authenticated but not connected".',
        remedy: 'Taken for a hint that there are too many connections.',
        evidence: ['https://github.com/mscdex/node-imap/issues/523', 'https://github.com/Webklex/php-imap/issues/464'],
      },
      {
        id: 'back-off-time',
        what: 'Throttling says how long to wait: "Request is throttled. Suggested Backoff Time: 299961 milliseconds".',
        remedy: 'Waited for.',
        evidence: ['https://github.com/imapsync/imapsync/issues/272'],
      },
      {
        id: 'no-condstore',
        what: 'There is no CONDSTORE, so changes of flags are found by comparing all flags.',
        evidence: ['https://github.com/warmbly/warmbly/issues/346'],
      },
      {
        id: 'bare-ok',
        what: 'Tagged OK comes without a text.',
        remedy: 'Read as it is.',
        evidence: [
          'https://github.com/OfflineIMAP/offlineimap/issues/623',
          'https://github.com/emersion/go-imap/issues/500',
        ],
      },
    ],
  },
  {
    id: 'yahoo',
    name: 'Yahoo and AOL',
    hosts: ['yahoo.com', 'yahoo.co.jp', 'ymail.com', 'aol.com'],
    capabilities: ['XYMHIGHESTMODSEQ'],
    distrustsModSeq: true,
    quirks: [
      {
        id: 'mod-seq-without-condstore',
        what: 'SELECT tells HIGHESTMODSEQ although there is no CONDSTORE, and FETCH knows neither MODSEQ nor CHANGEDSINCE.',
        remedy: 'Mod-sequences count only where CONDSTORE is offered.',
        evidence: ['https://github.com/whiteout-io/imap-client/pull/40'],
      },
      {
        id: 'rate-limit',
        what: 'Too many commands are refused with "[LIMIT] … Rate limit hit", and the connection ends.',
        remedy: 'Taken for a hint to wait.',
        evidence: ['https://github.com/postalsys/imapflow/issues/75'],
      },
      {
        id: 'no-idle',
        what: 'There is no IDLE on some of its servers.',
        remedy: 'Watching asks every 30 seconds instead.',
        evidence: ['https://github.com/MailCore/mailcore2/issues/1274'],
      },
    ],
  },
  {
    id: 'icloud',
    name: 'iCloud Mail',
    hosts: ['mail.me.com', 'icloud.com', 'mac.com'],
    avoids: ['QRESYNC'],
    quirks: [
      {
        id: 'qresync',
        what: 'QRESYNC is offered, and ENABLE is answered without an ENABLED line; clients that relied on it lost messages from view.',
        remedy: 'QRESYNC is not switched on by an account.',
        evidence: [
          'https://github.com/Foundry376/Mailspring-Sync/pull/91',
          'https://github.com/jstedfast/MailKit/issues/1871',
        ],
      },
      {
        id: 'enable-before-select',
        what: 'HIGHESTMODSEQ comes only after ENABLE CONDSTORE.',
        remedy: 'CONDSTORE is switched on after the login.',
        evidence: ['https://github.com/lswith/imap-mcp/issues/8'],
      },
      {
        id: 'bare-bye',
        what: 'BYE comes without a text.',
        remedy: 'Read as it is.',
        evidence: ['https://github.com/ruby/net-imap/issues/230'],
      },
      {
        id: 'rfc822-missing',
        what: 'RFC822 is left out of the answer to a FETCH that asks for it.',
        remedy: 'BODY.PEEK[] is asked for instead.',
        evidence: ['https://github.com/modern-email/defects/issues/36'],
      },
    ],
  },
  {
    id: 'netease',
    name: 'NetEase: 163, 126 and yeah.net',
    hosts: ['163.com', '126.com', 'yeah.net', '188.com', 'netease.com'],
    greeting: /\bCoremail System IMap Server Ready\b/i,
    needsId: true,
    quirks: [
      {
        id: 'id-before-select',
        what: 'SELECT is refused with "Unsafe Login. Please contact kefu@188.com for help" until the client has said who it is.',
        remedy: 'ID is sent after the login.',
        evidence: [
          'https://github.com/mscdex/node-imap/issues/908',
          'https://github.com/pimalaya/himalaya/issues/651',
          'https://github.com/modern-email/defects/issues/25',
        ],
      },
      {
        id: 'empty-status',
        what: 'STATUS is answered without figures.',
        remedy: 'They count as not told.',
        evidence: ['https://github.com/modern-email/defects/issues/15'],
      },
    ],
  },
  {
    id: 'qq',
    name: 'QQ Mail and Tencent Exmail',
    hosts: ['qq.com', 'foxmail.com'],
    greeting: /\bQQMail\b|\bXMIMAP4Server\b/i,
    needsId: true,
    quirks: [
      {
        id: 'id-before-select',
        what: 'Clients that do not say who they are meet refusals.',
        remedy: 'ID is sent after the login.',
        evidence: ['https://github.com/martinrusev/imbox/issues/222'],
      },
      {
        id: 'search',
        what: 'Search by header and text finds what does not match, or is refused.',
        evidence: ['https://github.com/mscdex/node-imap/issues/686', 'https://github.com/smiley22/S22.Imap/issues/126'],
      },
      {
        id: 'trailing-space',
        what: 'Answers end with a space that no grammar has.',
        remedy: 'Read as if it were not there.',
        evidence: [
          'https://github.com/modern-email/defects/issues/21',
          'https://github.com/jakartaee/mail-api/issues/209',
        ],
      },
    ],
  },
  {
    id: 'yandex',
    name: 'Yandex Mail',
    hosts: ['yandex.com', 'yandex.ru', 'yandex.net', 'ya.ru'],
    greeting: /\bYandex IMAP4rev1\b/i,
    quirks: [
      {
        id: 'endless-bye',
        what: 'BYE is repeated until the client closes the connection.',
        remedy: 'The connection is closed at the first.',
        evidence: ['https://github.com/jstedfast/MailKit/issues/938'],
      },
      {
        id: 'body-missing',
        what: 'A section is left out of the answer to a FETCH that asks for it.',
        remedy: 'Reported as an incomplete message.',
        evidence: ['https://github.com/jstedfast/MailKit/issues/1708'],
      },
      {
        id: 'merged-names',
        what: 'Names in modified UTF-7 are written in a way that no encoder would choose.',
        remedy: 'Names go back as they came.',
        evidence: ['https://github.com/modern-email/defects/issues/46'],
      },
    ],
  },
  {
    id: 'proton',
    name: 'Proton Mail Bridge',
    hosts: [],
    greeting: /\b(?:Proton ?Mail Bridge|gluon session ID)\b/i,
    ids: ['proton mail bridge', 'gluon'],
    quirks: [
      {
        id: 'own-certificate',
        what: 'It runs on the own machine, as a rule on port 1143 with STARTTLS, and shows a certificate that it signed itself.',
        remedy: 'Give that certificate as tls.ca, or its fingerprint in tls.fingerprints.',
        evidence: ['https://github.com/pimalaya/himalaya/issues/405', 'https://github.com/remorses/zele/pull/15'],
      },
      {
        id: 'uid-reuse',
        what: 'UIDs were given to other messages after an interruption.',
        evidence: ['https://github.com/ProtonMail/proton-bridge/issues/220'],
      },
      {
        id: 'raw-eight-bit',
        what: 'Quoted strings hold octets that are not ASCII.',
        remedy: 'Read as UTF-8.',
        evidence: ['https://github.com/modern-email/defects/issues/38'],
      },
    ],
  },
  {
    id: 'zoho',
    name: 'Zoho Mail',
    hosts: ['zoho.com', 'zoho.eu', 'zoho.in', 'zoho.com.au', 'zoho.com.cn', 'zoho.jp'],
    distrustsModSeq: true,
    quirks: [
      {
        id: 'negative-mod-seq',
        what: 'MODSEQ is told as -1.',
        remedy: 'Its mod-sequences are not relied on.',
        evidence: ['https://github.com/jstedfast/MailKit/issues/1686'],
      },
    ],
  },
  {
    id: 'fastmail',
    name: 'Fastmail',
    hosts: ['fastmail.com', 'messagingengine.com'],
    quirks: [
      {
        id: 'limits',
        what: 'Use beyond what is fair is slowed down, and told to the owner of the account by mail.',
        evidence: ['https://www.fastmail.com/help/account/limits.html'],
      },
    ],
  },
  {
    id: 'united-internet',
    name: 'GMX and WEB.DE',
    hosts: ['gmx.net', 'gmx.com', 'gmx.de', 'gmx.at', 'gmx.ch', 'web.de', 'mail.com'],
    quirks: [
      {
        id: 'folders',
        what: 'Mailboxes for special uses bear German names, and how many mailboxes there may be is limited.',
        remedy: 'They are found by their names where the server does not tell their use.',
        evidence: ['https://github.com/chatmail/provider-db/pull/35'],
      },
    ],
  },
  {
    id: 'smartermail',
    name: 'SmarterMail',
    hosts: [],
    greeting: /\bSmarterMail\b/,
    quirks: [
      {
        id: 'mod-seq-on-request',
        what: 'FETCH with CHANGEDSINCE tells MODSEQ only when it is asked for by name.',
        remedy: 'It is.',
        evidence: ['https://github.com/closeio/sync-engine/pull/504'],
      },
    ],
  },
];
