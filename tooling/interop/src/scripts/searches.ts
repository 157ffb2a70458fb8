import type { ImapScript } from '../imap-script.ts';

const lines = (...text: readonly string[]): string => `${text.join('\r\n')}\r\n`;

const ADDRESSES: readonly string[] = [
  lines(
    'From: user-from@example.org',
    'To: user-to@example.org',
    'Cc: user-cc@example.org',
    'Bcc: user-bcc@example.org',
    '',
    'one',
  ),
  lines(
    'From: RealFrom <user-from@example.org>',
    'To: RealTo <user-to@example.org>',
    'Cc: RealCc <user-cc@example.org>',
    '',
    'two',
  ),
  lines('From: <user-from (comment)@ (comment) example.org>', 'To: <user-to@example.org>', '', 'three'),
  lines('From: user-from@example.org (RealFrom)', 'To: user-to@example.org (RealTo)', '', 'four'),
  lines('From: user-from1@example.org, user-from2@example.org', '', 'five'),
  lines('To: team: first@example.org, second@example.org;,', '  team2: third@example.org;', '', 'six'),
  lines(
    'From: "Quoted, Name" <q@example.org>',
    'Sender: other@example.org',
    'Reply-To: third@example.org',
    '',
    'seven',
  ),
  lines(
    'From: =?utf-8?q?J=C3=B6rg?= <joerg@example.org>',
    'Subject: =?iso-8859-1?q?Gr=FC=DFe?= aus =?utf-8?b?S8O2bG4=?=',
    '',
    'eight',
  ),
];

const TEXTS: readonly string[] = [
  lines('Subject: hello beautiful world', 'X-Extra: asdfghjkl', '', 'zxcvbnm body'),
  lines('Subject: plain', 'X-Extra: hello', ' folded header', '', 'qwertyuiop', 'second line'),
  lines('X-Empty:', '', 'asdfghjkl'),
  lines('Subject:', '', ''),
  lines(
    'Subject: parts',
    'Mime-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    'prologue words',
    '--b',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    'soft=',
    'ly wrapped, K=C3=B6ln',
    '--b',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    'c2VjcmV0IHdvcmRz',
    '--b',
    'Content-Type: application/octet-stream',
    'Content-Transfer-Encoding: base64',
    '',
    'YmluYXJ5IHdvcmRz',
    '--b--',
  ),
  lines('Subject: NIL', '', 'nil'),
];

const DATES: readonly string[] = [
  lines('Date: Sat, 24 Mar 2007 23:00:00 +0200', '', '1'),
  lines('Date: Sun, 25 Mar 2007 00:59:59 +0200', '', '2'),
  lines('Date: Sun, 25 Mar 2007 23:59:59 +0300', '', '3'),
  lines('Date: 26 Mar 2007 00:00 +0300', '', '4'),
  lines('Date: Mon, 26 Mar 2007 00:00:00 GMT (comment)', '', '5'),
  lines('Date: Mon, 26 Mar 07 00:00:00 -1200', '', '8'),
];

/** SEARCH, SORT, THREAD, and what they return. */
export const SEARCH_SCRIPTS: readonly ImapScript[] = [
  {
    name: 'search sets',
    mail: [
      'Subject: 1\r\n\r\n',
      'Subject: 2\r\n\r\n',
      'Subject: 3\r\n\r\n',
      'Subject: 4\r\n\r\n',
      'Subject: 5\r\n\r\n',
      'Subject: 6\r\n\r\n',
    ],
    commands: String.raw`
      SELECT $box
      UID SEARCH ALL
      STORE 2 +FLAGS.SILENT (\Deleted)
      EXPUNGE
      SEARCH ALL
      UID SEARCH ALL
      SEARCH 1:3,5
      SEARCH 4:2
      SEARCH UID 1:3,5
      SEARCH UID 4:3
      SEARCH 1:3 NOT UID 3
      SEARCH NOT 2,4
      SEARCH OR 1 UID 3
      SEARCH *
      SEARCH UID *
      SEARCH 6:*  # * is the last message: RFC 9051 section 9
      SEARCH *:6  # * is the last message: RFC 9051 section 9
      SEARCH UID 7:*
      SEARCH *:3
      SEARCH 1,4,*
      SEARCH NOT *
      SEARCH NOT NOT 1
      SEARCH OR OR 1 2 3
      SEARCH OR 1
      SEARCH NOT
      SEARCH ()
      SEARCH (1 2)
      SEARCH (1:2) (2:3)
      SEARCH (OR 1 (2 3))
      SEARCH ((((1))))
      SEARCH 1 2
      SEARCH 1,2 NOSUCH
      SEARCH
      SEARCH $
      SEARCH 0
      SEARCH 1000
      SEARCH 1:1000
      UID SEARCH 1000
      UID SEARCH UID 1000
      SEARCH UID 1 NOT UID 1
      SEARCH RETURN () ALL
      SEARCH RETURN (ALL) ALL
      SEARCH RETURN (MIN) ALL
      SEARCH RETURN (MAX) ALL
      SEARCH RETURN (COUNT) ALL
      SEARCH RETURN (MIN MAX COUNT ALL) ALL
      SEARCH RETURN (COUNT MIN) ALL
      SEARCH RETURN (MIN MAX) 2
      UID SEARCH RETURN () ALL
      UID SEARCH RETURN (MIN MAX ALL COUNT) ALL
      SEARCH RETURN () 1000
      SEARCH RETURN (MIN MAX ALL COUNT) 1000
      UID SEARCH RETURN (COUNT) 1000
      UID SEARCH RETURN (ALL) UID 1000
      SEARCH RETURN (NOSUCH) ALL
      SEARCH RETURN MIN ALL
      SEARCH RETURN (SAVE) 2:3
      SEARCH $
      FETCH $ UID
      UID SEARCH RETURN (SAVE) UID 1,6
      FETCH $ UID
      UID FETCH $ UID
      SEARCH RETURN (SAVE MIN) ALL
      FETCH $ UID
      SEARCH RETURN (SAVE MIN MAX) ALL
      FETCH $ UID
      SEARCH RETURN (SAVE COUNT) NOT ALL
      FETCH $ UID
      SEARCH UID $
      SEARCH RETURN (PARTIAL 1:1) ALL
      SEARCH RETURN (PARTIAL 2:4) ALL
      SEARCH RETURN (PARTIAL 4:2) ALL
      SEARCH RETURN (PARTIAL 1:6) ALL
      SEARCH RETURN (PARTIAL 4:10) ALL
      SEARCH RETURN (PARTIAL 10:20) ALL
      SEARCH RETURN (PARTIAL 1) ALL
      SEARCH RETURN (PARTIAL 1:*) ALL
      SEARCH RETURN (PARTIAL *:1) ALL
      UID SEARCH RETURN (PARTIAL 2:3) ALL
    `,
  },
  {
    name: 'search flags',
    mail: [
      'Subject: 1\r\n\r\n',
      'Subject: 2\r\n\r\n',
      'Subject: 3\r\n\r\n',
      'Subject: 4\r\n\r\n',
      'Subject: 5\r\n\r\n',
    ],
    commands: String.raw`
      SELECT $box
      STORE 1 FLAGS ($hello)
      STORE 2 FLAGS (\Seen \Flagged)
      STORE 3 FLAGS (\Answered $hello)
      STORE 4 FLAGS (\Flagged \Draft)
      STORE 5 FLAGS (\Deleted \Answered)
      ${[
        'ANSWERED',
        'UNANSWERED',
        'DELETED',
        'UNDELETED',
        'DRAFT',
        'UNDRAFT',
        'FLAGGED',
        'UNFLAGGED',
        'SEEN',
        'UNSEEN',
        'NEW',
        'OLD',
        'RECENT',
      ]
        .flatMap((key) => [`SEARCH ${key}`, `SEARCH NOT ${key}`])
        .join('\n')}
      SEARCH KEYWORD $hello
      SEARCH KEYWORD $HELLO
      SEARCH UNKEYWORD $hello
      SEARCH KEYWORD \Seen  # a system flag is taken for what it is
      SEARCH KEYWORD "$hello"
      SEARCH answered flagged
      SEARCH OR ANSWERED FLAGGED
      SEARCH OR (ANSWERED DELETED) NOT UNSEEN
    `,
  },
  {
    name: 'search addresses',
    mail: ADDRESSES,
    commands: `SELECT $box\n${[
      'FROM user-from@example.org',
      'TO user-to@example.org',
      'CC user-cc@example.org',
      'BCC user-bcc@example.org',
      'FROM realfrom',
      'TO realto',
      'CC realcc',
      'BCC realbcc',
      'HEADER FROM ""',
      'HEADER TO ""',
      'HEADER CC ""',
      'FROM ser-fro',
      'FROM ealfro',
      'FROM user-from1',
      'FROM user-from2',
      'TO team',
      'TO team2',
      'TO first',
      'TO third',
      'TO fourth',
      'FROM "Quoted, Name"',
      'FROM quoted',
      'FROM other',
      'HEADER SENDER other',
      'HEADER REPLY-TO third',
      'FROM ""',
      'TO ""',
      'SUBJECT ""',
      'CHARSET UTF-8 FROM {{J\xc3\xb6rg}}',
      'CHARSET UTF-8 SUBJECT {{gr\xc3\xbc\xc3\x9fe}}',
      'CHARSET UTF-8 SUBJECT {{GR\xc3\x9c\xc3\x9fE AUS K\xc3\x96LN}}',
      'CHARSET ISO-8859-1 SUBJECT {{gr\xfc\xdfe}}  # RFC 9051 section 6.4.4 wants UTF-8 alone',
      'CHARSET US-ASCII SUBJECT aus',
      'CHARSET X-NOSUCH SUBJECT aus',
      'CHARSET UTF-8 HEADER SUBJECT {{k\xc3\xb6ln}}',
      'CHARSET UTF-8 TEXT {{k\xc3\xb6ln}}',
      'SUBJECT utf-8',
      'FROM joerg@',
      'FROM "<joerg@"',
    ]
      .map((key) => `SEARCH ${key}`)
      .join('\n')}`,
  },
  {
    name: 'search texts',
    mail: TEXTS,
    commands: `SELECT $box\n${[
      'SUBJECT hello',
      'SUBJECT beautiful',
      'SUBJECT "hello beautiful"',
      'SUBJECT "eautiful worl"',
      'SUBJECT ""',
      'NOT SUBJECT hello',
      'HEADER SUBJECT ""',
      'NOT HEADER SUBJECT ""',
      'HEADER X-EXTRA ""',
      'HEADER X-EXTRA hello',
      'HEADER X-EXTRA "hello folded"',
      'HEADER X-EXTRA "hello header"',
      'HEADER X-EMPTY ""',
      'HEADER X-EMPTY x',
      'HEADER X-NONE ""',
      'HEADER "" ""',
      'HEADER X- ""',
      'HEADER x-extra HELLO',
      'TEXT asdfghjkl',
      'TEXT ZXCVBNM',
      'BODY asdfghjkl',
      'BODY zxcvbn',
      'BODY wertyuio',
      'BODY "qwertyuiop second"',
      'BODY ""',
      'TEXT ""',
      'BODY softly',
      'BODY "softly wrapped"',
      'BODY "secret words"',
      'BODY c2VjcmV0',
      'BODY "binary words"',
      'TEXT "secret words"',
      'BODY boundary',
      'TEXT boundary',
      'TEXT Content-Type',
      'SUBJECT NIL',
      'BODY nil',
      'SUBJECT nil',
      'CHARSET UTF-8 BODY {{K\xc3\xb6ln}}',
      'CHARSET UTF-8 BODY {{K\xc3\x96LN}}',
      'TEXT "Subject: hello"',
      'TEXT "world x-extra"',
      'BODY body BODY zxcvbnm',
      'OR BODY qwertyuiop SUBJECT hello',
      'NOT BODY body',
      'BODY {{zxcvbnm}}',
    ]
      .map((key) => `SEARCH ${key}`)
      .join('\n')}`,
  },
  {
    name: 'search dates and sizes',
    mail: DATES,
    commands: `SELECT $box\nFETCH 1:* (RFC822.SIZE INTERNALDATE)\n${[
      ...['24-Mar-2007', '25-Mar-2007', '26-mar-2007', '27-Mar-2007', '"25-Mar-2007"'].flatMap((day) =>
        ['SENTBEFORE', 'SENTON', 'SENTSINCE', 'NOT SENTBEFORE', 'NOT SENTON', 'NOT SENTSINCE'].map(
          (key) => `${key} ${day}`,
        ),
      ),
      ...['1-Feb-2024', '04-Feb-2024', '9-Feb-2024'].flatMap((day) =>
        ['BEFORE', 'ON', 'SINCE'].map((key) => `${key} ${day}`),
      ),
      'ON 1-Nos-2024',
      'ON 2024-02-01',
      'ON 1-Feb-24',
      'SMALLER 40',
      'LARGER 40',
      'SMALLER 0',
      'LARGER 0',
      'LARGER 4294967295',
      'SMALLER 18446744073709551615  # number64 has 63 bits: RFC 9051 section 9',
      'SMALLER -1',
      'LARGER x',
      'OLDER 10',
      'YOUNGER 10',
      'OLDER 0',
      'YOUNGER 0',
    ]
      .map((key) => `SEARCH ${key}`)
      .join('\n')}`,
  },
  {
    name: 'sort and thread',
    mail: [
      lines(
        'Subject: b',
        'From: C <c@example.org>',
        'To: z@example.org',
        'Date: Sat, 24 Mar 2007 23:00:00 +0200',
        'Message-ID: <a@b>',
        '',
        '1',
      ),
      lines(
        'Subject: Re: a',
        'From: a@example.org',
        'Date: Fri, 23 Mar 2007 23:00:00 +0200',
        'Message-ID: <b@b>',
        'References: <c@b> <a@b>',
        '',
        '22',
      ),
      lines(
        'Subject: [x] Fwd: [y] Re: fw: b (fWd)  (fwd)',
        'From: b@example.org',
        'Cc: y@example.org',
        'Message-ID: <c@b>',
        'References: <b@b>',
        '',
        '333',
      ),
      lines('Subject: _', 'Date: Sun, 25 Mar 2007 23:00:00 +0200', '', '4444'),
      lines('', '55555'),
      lines('Subject: C', 'In-Reply-To: <a@b>', '', '1'),
    ],
    commands: `SELECT $box\n${[
      'ARRIVAL',
      'CC',
      'DATE',
      'FROM',
      'SIZE',
      'SUBJECT',
      'TO',
      'DISPLAYFROM',
      'DISPLAYTO',
      'REVERSE DATE',
      'SUBJECT REVERSE SIZE',
      'REVERSE SUBJECT REVERSE DATE',
      '',
      'NOSUCH',
      'REVERSE',
      'REVERSE REVERSE DATE',
    ]
      .map(
        (key) =>
          `SORT (${key}) US-ASCII ALL${key === 'REVERSE REVERSE DATE' ? '  # sort-criterion has one REVERSE' : ''}`,
      )
      .join('\n')}
      SORT (SIZE) UTF-8 2:4
      SORT (SIZE) X-NOSUCH ALL
      SORT (SIZE) ALL
      SORT SIZE US-ASCII ALL
      SORT (SIZE) US-ASCII
      UID SORT (SIZE) US-ASCII ALL
      SORT RETURN (MIN) (REVERSE SIZE) US-ASCII 1:5
      SORT RETURN (MAX) (REVERSE SIZE) US-ASCII 1:5
      SORT RETURN (ALL) (REVERSE SIZE) US-ASCII 1:5
      SORT RETURN (ALL) (ARRIVAL) US-ASCII 1:5
      SORT RETURN (COUNT) (ARRIVAL) US-ASCII 1:5
      SORT RETURN (MIN MAX ALL COUNT) (SIZE) US-ASCII 1:5
      SORT RETURN () (SIZE) US-ASCII NOT ALL
      SORT RETURN (PARTIAL 1:2) (REVERSE ARRIVAL) US-ASCII ALL
      THREAD REFERENCES US-ASCII ALL
      THREAD ORDEREDSUBJECT US-ASCII ALL
      THREAD REFS US-ASCII ALL
      THREAD REFERENCES US-ASCII 1:2
      THREAD REFERENCES US-ASCII NOT ALL
      THREAD NOSUCH US-ASCII ALL
      THREAD REFERENCES X-NOSUCH ALL
      UID THREAD REFERENCES UTF-8 ALL
      STORE 1 +FLAGS.SILENT (\\Deleted)
      EXPUNGE
      THREAD REFERENCES US-ASCII ALL
      UID THREAD REFERENCES US-ASCII ALL
      SORT (SUBJECT) US-ASCII ALL`,
  },
  {
    name: 'search updates',
    mail: [
      'Subject: 1\r\n\r\nbody\r\n',
      'Subject: 2\r\n\r\nbody\r\n',
      'Subject: 3\r\n\r\nbody\r\n',
      'Subject: 4\r\n\r\nbody\r\n',
      'Subject: 5\r\n\r\nbody\r\n',
      'Subject: 6\r\n\r\nbody\r\n',
    ],
    commands: String.raw`
      SELECT $box
      SEARCH RETURN (UPDATE) BODY body SEEN
      STORE 1,2,5 +FLAGS (\Seen)
      NOOP
      STORE 1,2 -FLAGS (\Seen)
      NOOP
      STORE 3:6 +FLAGS (\Deleted)
      EXPUNGE
      NOOP
      CANCELUPDATE "t3"
      STORE 1 +FLAGS (\Seen)
      NOOP
      SEARCH RETURN (UPDATE ALL) OR SEEN SUBJECT 2
      STORE 2 +FLAGS (\Seen)
      STORE 1:2 -FLAGS (\Seen)
      NOOP
      CANCELUPDATE "nosuch"  # what is not updated any more is not
      CANCELUPDATE nosuch  # what is not updated any more is not
      SEARCH RETURN (CONTEXT) ALL
    `,
  },
];
