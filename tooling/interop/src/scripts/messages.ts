import type { ImapScript } from '../imap-script.ts';

const lines = (...text: readonly string[]): string => `${text.join('\r\n')}\r\n`;

const PLAIN: readonly string[] = [
  lines('From: Ann <ann@example.org>', 'Subject: one', 'X-Count: 1', '', 'first body', 'line two'),
  lines('From: bob@example.org', 'Subject: two', '', 'second'),
  lines('Subject: no from', 'To: someone@example.org,', ' other@example.org', '', ''),
  lines('From: dora@example.org', 'Subject: four', '', 'fourth body'),
  lines('Subject: five', '', 'fifth'),
];

const NESTED: string = lines(
  'From: user@example.org',
  'Date: Sat, 24 Mar 2007 23:00:00 +0200',
  'Mime-Version: 1.0',
  'Content-Type: multipart/mixed; boundary="outer',
  ' end"',
  '',
  'before',
  '--outer end',
  'Content-Type: text/x-own; charset=us-ascii',
  'Content-Description: words',
  '',
  'hello',
  '',
  '--outer end',
  'Content-Type: message/rfc822',
  '',
  'From: sub@example.org',
  'Date: Sun, 12 Aug 2012 12:34:56 +0300',
  'Subject: inner',
  'Content-Type: multipart/alternative; boundary="inner"',
  '',
  'inner before',
  '--inner',
  'Content-Type: text/html',
  'Content-Transfer-Encoding: quoted-printable',
  '',
  '<p>Gr=C3=BC=C3=9Fe</p>',
  '',
  '--inner',
  'Content-Type: text/plain',
  'Content-Transfer-Encoding: base64',
  '',
  'SGVsbG8gd29y',
  'bGQ=',
  '--inner--',
  'inner after',
  '--outer end--',
  'after',
);

const DIGEST: string = lines(
  'From: user@example.org',
  'Mime-Version: 1.0',
  'Content-Type: multipart/digest; boundary=x',
  '',
  'before',
  '--x ',
  '',
  'From: m1@example.org',
  'Subject: m1',
  '',
  'm1 body',
  '--x',
  'X-Own: header',
  '',
  'Subject: m2',
  '',
  'm2 body',
  '--x--',
);

const SECTIONS: readonly string[] = [
  ...['', 'HEADER', 'TEXT', 'HEADER.FIELDS (FROM SUBJECT)', 'HEADER.FIELDS.NOT (FROM DATE)', 'HEADER.FIELDS (X-NONE)'],
  ...[
    '1',
    '1.MIME',
    '1.HEADER',
    '1.TEXT',
    '1.2',
    '1.2.MIME',
    '1.1.1',
    '2',
    '2.MIME',
    '2.HEADER',
    '2.TEXT',
    '2.1',
    '2.2',
  ],
  ...['2.HEADER.FIELDS (FROM X-NONE)', '2.HEADER.FIELDS.NOT (DATE)', '2.1.MIME', '2.2.MIME', '2.1.HEADER', '2.3', '3'],
  ...['3.MIME', '2.2.2'],
];

/** FETCH and STORE. */
export const MESSAGE_SCRIPTS: readonly ImapScript[] = [
  {
    name: 'fetch sets',
    mail: PLAIN,
    commands: String.raw`
      SELECT $box
      FETCH 1:3 UID
      FETCH 3:1 UID
      FETCH 1,* UID
      FETCH * UID
      FETCH *:* UID
      FETCH *:1 UID
      FETCH 2:* UID
      FETCH 1,1,1:2,2 UID
      UID FETCH 4:* UID
      UID FETCH 100:* UID
      UID FETCH *:100 UID
      UID FETCH 100:200 UID
      UID FETCH 4294967295 UID
      UID FETCH 1:4294967295 UID
      FETCH 6 UID
      FETCH 5:6 UID
      FETCH 6:7 UID
      FETCH 6:* UID
      FETCH 0 UID
      FETCH 0:* UID
      FETCH 4294967296 UID
      FETCH 1: UID
      FETCH ,1 UID
      FETCH 1,, UID
      FETCH -1 UID
      FETCH 01 UID  # nz-number begins with no zero: RFC 9051 section 9
      FETCH "1" UID
      FETCH 1:2:3 UID
      FETCH $ UID
      STORE 2 +FLAGS.SILENT (\Deleted)
      EXPUNGE
      UID FETCH 4:* UID
      UID FETCH 1:* UID
      UID FETCH 2 UID
      UID FETCH 1,* UID
      FETCH 1:* UID
      2: SELECT $boxempty
      2: CREATE $boxempty
      2: SELECT $boxempty
      2: FETCH 1:* UID
      2: UID FETCH 1:* UID
      2: FETCH 1 UID
      2: FETCH * UID
      2: UID FETCH * UID
      2: SEARCH ALL
      2: SEARCH *
      2: SEARCH UID 1:*
      2: STORE 1:* FLAGS ()
      2: COPY 1:* INBOX
      2: UID COPY 1:* INBOX
      2: EXPUNGE
    `,
  },
  {
    name: 'fetch items',
    mail: [...PLAIN, NESTED, DIGEST],
    commands: String.raw`
      SELECT $box
      FETCH 1 ALL
      FETCH 1 FAST
      FETCH 1 FULL
      FETCH 1 (FAST)
      FETCH 1 (UID FAST)
      FETCH 1 (ALL)
      FETCH 1 ()
      FETCH 1 (UID UID FLAGS)
      FETCH 1 (RFC822.SIZE INTERNALDATE ENVELOPE)
      FETCH 1:* (UID RFC822.SIZE)
      FETCH 1:* ENVELOPE
      FETCH 1:* BODY
      FETCH 1:* BODYSTRUCTURE
      FETCH 1:* BODY.PEEK[HEADER.FIELDS (SUBJECT)]
      FETCH 1 (RFC822.HEADER)
      FETCH 1 FLAGS
      FETCH 1 RFC822.TEXT
      FETCH 1 FLAGS
      FETCH 2 RFC822
      FETCH 3 (FLAGS BODY[])
      FETCH 3 FLAGS
      FETCH 4 BODY[HEADER]
      FETCH 4 FLAGS
      FETCH 5 BODY.PEEK[]
      FETCH 5 RFC822.PEEK
      FETCH 5 FLAGS
      FETCH 1 BODY.PEEK
      FETCH 1 BODY[
      FETCH 1 BODY[NOSUCH]
      FETCH 1 NOSUCH
      FETCH 1 (UID
      FETCH 1
      FETCH
      FETCH 1 UID FLAGS
      FETCH 1 body.peek[text]
      FETCH 1 (Body.Peek[Header.Fields (Subject "from")])
      FETCH 1 BODY.PEEK[HEADER.FIELDS ("SUBJECT" {{X-Count}})]
      FETCH 1 BODY.PEEK[HEADER.FIELDS ()]
      FETCH 1 BODY.PEEK[MIME]
      FETCH 1 BODY.PEEK[1.NOSUCH]
      FETCH 1 BODY.PEEK[.1]
      FETCH 1 BODY.PEEK[1.]
      FETCH 1 (BODY.PEEK[1] BODY.PEEK[TEXT] BODY.PEEK[])
      UID FETCH 1 FLAGS
      UID FETCH 1 (BODY.PEEK[TEXT])
      FETCH 1:7 (BODY.PEEK[]<0.10>)
    `,
  },
  {
    name: 'fetch sections',
    mail: [NESTED, DIGEST, PLAIN[0]!],
    commands: [
      'SELECT $box',
      ...SECTIONS.map((section) => `FETCH 1:3 BODY.PEEK[${section}]`),
      'FETCH 2 BODY.PEEK[1.1]',
      'FETCH 2 BODY.PEEK[1.1.MIME]',
      'FETCH 1 BODY.PEEK[1.0]  # nz-number is not 0: RFC 9051 section 9',
      'FETCH 1 BODY.PEEK[0]  # nz-number is not 0: RFC 9051 section 9',
    ].join('\n'),
  },
  {
    name: 'fetch binary',
    mail: [NESTED, DIGEST, PLAIN[0]!],
    commands: [
      'SELECT $box',
      ...['1', '2.1', '2.2', '3'].flatMap((part) => [`FETCH 1 BINARY.PEEK[${part}]`, `FETCH 1 BINARY.SIZE[${part}]`]),
      'FETCH 2 (BINARY.PEEK[] BINARY.SIZE[] BINARY.PEEK[2] BINARY.PEEK[1.1])',
      'FETCH 1 BINARY.PEEK[]  # parts of the whole stay encoded',
      'FETCH 1 BINARY.PEEK[2.1]<2.5>',
      'FETCH 1 BINARY.PEEK[2.2]<6.100>',
      'FETCH 1 BINARY.PEEK[2.2]<6>',
      'FETCH 1 BINARY.PEEK[2.2]<100>',
      ...['HEADER', '1.MIME', '2.1.MIME', '3.HEADER', '3.TEXT'].flatMap((section) => [
        `FETCH 1 BINARY.PEEK[${section}]`,
        `FETCH 1 BINARY.SIZE[${section}]`,
      ]),
      'FETCH 1 BINARY.PEEK[TEXT]  # parts of the text stay encoded',
      'FETCH 1 BINARY.SIZE[TEXT]  # parts of the text stay encoded',
      'FETCH 1 BINARY.PEEK[HEADER.FIELDS (SUBJECT)]',
      'FETCH 1 BINARY.SIZE[HEADER.FIELDS.NOT (SUBJECT)]',
      'FETCH 1 BINARY.PEEK[MIME]',
      'FETCH 1 BINARY.PEEK[2.2]<100.1>',
      'FETCH 1 (FLAGS BINARY[2.2])',
      'FETCH 1 BINARY[2.2]',
      'FETCH 1 FLAGS',
    ].join('\n'),
  },
  {
    name: 'fetch partials',
    mail: PLAIN,
    commands: String.raw`
      SELECT $box
      FETCH 1 BODY.PEEK[TEXT]<0.3>
      FETCH 1 BODY.PEEK[TEXT]<3.3>
      FETCH 1 BODY.PEEK[TEXT]<8.4>
      FETCH 1 BODY.PEEK[TEXT]<20.10>
      FETCH 1 BODY.PEEK[TEXT]<22.1>
      FETCH 1 BODY.PEEK[TEXT]<100.1>
      FETCH 1 BODY.PEEK[TEXT]<0.0>  # partial has an nz-number: RFC 9051 section 9
      FETCH 1 BODY.PEEK[TEXT]<0.4294967295>
      FETCH 1 BODY.PEEK[TEXT]<4294967295.1>
      FETCH 1 BODY.PEEK[TEXT]<4294967296.1>
      FETCH 1 BODY.PEEK[TEXT]<4294967295.4294967295>
      FETCH 1 BODY.PEEK[TEXT]<1>
      FETCH 1 BODY.PEEK[TEXT]<>
      FETCH 1 BODY.PEEK[TEXT]<-1.1>
      FETCH 1 BODY.PEEK[TEXT]<1.-1>
      FETCH 1 BODY.PEEK[]<5.10>
      FETCH 1 BODY.PEEK[HEADER]<5.10>
      FETCH 1 BODY.PEEK[HEADER.FIELDS (SUBJECT)]<2.5>
      FETCH 1 BODY.PEEK[HEADER.FIELDS (SUBJECT)]<100.5>
      FETCH 1 BODY.PEEK[1]<2.3>
      FETCH 1 BODY.PEEK[2]<2.3>
      FETCH 1 (BODY.PEEK[]<0.5> BODY.PEEK[]<5.5>)
      FETCH 1 (BODY[TEXT]<0.5>)
      FETCH 1 FLAGS
    `,
  },
  {
    name: 'store',
    mail: PLAIN,
    commands: String.raw`
      SELECT $box
      2: SELECT $box
      STORE 1:3 FLAGS (\Seen)
      2: CHECK
      STORE 4 -FLAGS \Seen  # told though nothing changed: RFC 3501 section 6.4.6
      STORE 3 FLAGS (\Draft)
      STORE 3 FLAGS \Draft \Flagged
      STORE 2,4 +FLAGS ($hello $world)
      2: NOOP
      STORE 1 +FLAGS (\Draft)
      2: STORE 1 -FLAGS (\Seen)
      NOOP
      2: NOOP
      FETCH 1 FLAGS
      2: FETCH 1 FLAGS
      STORE 1 FLAGS ()
      STORE 1 +FLAGS ()  # told though nothing changed: RFC 3501 section 6.4.6
      STORE 1 -FLAGS ()  # told though nothing changed: RFC 3501 section 6.4.6
      STORE 1 FLAGS  # there are no flags
      STORE 1 FLAGS (\Recent)  # \Recent is passed over
      STORE 1 FLAGS (\NoSuch)
      STORE 1 FLAGS (\*)
      STORE 1 FLAGS (a b A)
      STORE 1 +FLAGS.SILENT (c)
      2: NOOP
      STORE 1 +FLAGS.NOISY (d)
      STORE 1 *FLAGS (d)
      STORE 6 +FLAGS (\Seen)
      UID STORE 6 +FLAGS (\Seen)
      UID STORE 1:* +FLAGS (\Answered)
      UID STORE 5,9 +FLAGS (\Flagged)
      2: NOOP
      STORE 1 +flags (\seen)
      STORE 1 (\Seen)
      STORE
      2: NOOP
      STORE 1 +FLAGS (a]b)  # ] is in no atom: RFC 9051 section 9
      STORE 1 +FLAGS (a"b)
      STORE 1 +FLAGS (\Deleted)
      2: NOOP
      STORE 1 -FLAGS (\Deleted)
      2: NOOP
    `,
  },
];
