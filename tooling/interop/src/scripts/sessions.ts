import type { ImapScript } from '../imap-script.ts';

const mail = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `Subject: ${index + 1}\r\n\r\nbody ${index + 1}\r\n`);

/** What several sessions see of one another, and the commands that add and remove messages. */
export const SESSION_SCRIPTS: readonly ImapScript[] = [
  {
    name: 'append',
    mail: [],
    commands: String.raw`
      SELECT $box
      2: SELECT $box
      APPEND $box (\Seen \Flagged) {{Subject: 1\n\nbody\n}}
      2: NOOP
      3: STATUS $box (MESSAGES UNSEEN RECENT)
      FETCH 1 (UID FLAGS)
      2: FETCH 1 (UID FLAGS)
      2: APPEND $box {{Subject: 2\n\nbody\n}}
      NOOP
      3: STATUS $box (MESSAGES UNSEEN)
      3: APPEND $box {{Subject: 3\n\nbody\n}}
      2: NOOP
      NOOP
      APPEND $box "17-Jul-1996 02:44:25 -0700" {{a: b\n\n}}
      UID FETCH 4 FLAGS
      APPEND $box " 7-Jul-1996 02:44:25 -0700" {{a: b\n\n}}
      APPEND $box "7-Jul-1996 02:44:25 -0700" {{a: b\n\n}}
      APPEND $box "07-Jul-1996 02:44:25 -0700" {{a: b\n\n}}
      APPEND $box ($new keyword) {{a: b\n\n}}
      NOOP
      2: NOOP
      FETCH 4:* (UID FLAGS RFC822.SIZE)
      APPEND $box () {{a: b\n\n}}
      APPEND $box {{}}
      APPEND $box {{x}}
      APPEND $box {{no header at all\n}}
      NOOP
      FETCH * (UID RFC822.SIZE ENVELOPE BODYSTRUCTURE)
      APPEND $boxnosuch {{a: b\n\n}}
      APPEND $box {{a: 1\n\n}} {{a: 2\n\n}}
      APPEND $box (\Seen) {{a: 1\n\n}} (\Draft) "17-Jul-1996 02:44:25 -0700" {{a: 2\n\n}}
      NOOP
      FETCH 12:* (UID FLAGS)
      APPEND $box
      APPEND
      NOOP
    `,
  },
  {
    name: 'catenate',
    mail: ['From: foo@example.com\r\n\r\nHello world\r\n', 'From: bar@example.com\r\n\r\nLooks: like\r\n\r\nbody\r\n'],
    commands: String.raw`
      SELECT $box
      CREATE $boxto
      APPEND $boxto (\Seen) CATENATE (TEXT {{From: a@b\n\nHello\n}})
      APPEND $boxto CATENATE (URL "/$box/;uid=1/;section=header" TEXT {{body1\n}})
      APPEND $boxto CATENATE (URL "/$box;uidvalidity=$validity/;uid=1/;section=header" TEXT {{body2\n}})
      APPEND $boxto CATENATE (URL "/$box/;uid=2/;section=text" TEXT {{body3\n}})
      APPEND $boxto CATENATE (URL "/$box/;uid=2/;section=1" TEXT {{body4\n}})
      APPEND $boxto CATENATE (TEXT {{From: new\n\n}} URL "/$box/;uid=1/;section=1" TEXT {{\nend\n}})
      APPEND $boxto CATENATE (TEXT {{A: 1\n}} TEXT {{B: 2\n\n}} TEXT {{body6\n}})
      APPEND $boxto CATENATE (URL "/$box/;uid=2/;partial=100000.1" TEXT {{Hdr: foo\n\nbody7\n}})
      APPEND $boxto CATENATE (URL "/$box/;uid=2/;partial=3.10" TEXT {{ etc\n\nbody8\n}})
      APPEND $boxto CATENATE (URL "/$box/;uid=2")
      APPEND $boxto CATENATE (URL "/$box;uidvalidity=12345/;uid=1/;section=header" TEXT {{body\n}})
      APPEND $boxto CATENATE (TEXT {{hdr: 1\n\n}} URL "/$box;uidvalidity=12345/;uid=1/;section=header")
      APPEND $boxto CATENATE (TEXT {{hdr: 1\n\n}} URL "/$box/;uid=77" TEXT {{hdr: 2\n}})
      APPEND $boxto CATENATE (URL "/$boxnone/;uid=1")
      APPEND $boxto CATENATE (URL "nonsense")
      APPEND $boxto CATENATE (URL "imap://somewhere.example/$box/;uid=1")
      APPEND $boxto CATENATE ()
      APPEND $boxto CATENATE (NOSUCH {{x}})
      APPEND $boxnone CATENATE (URL "/$box/;uid=1/;section=1")
      APPEND $boxnone CATENATE (TEXT {{hello\n}} URL "/$box/;uid=1/;section=1")
      APPEND $boxto CATENATE (TEXT {{A: 1\n\none\n}}) CATENATE (TEXT {{A: 2\n\ntwo\n}})
      APPEND $boxto CATENATE (URL "/$box/;uid=1") (\Answered) {{A: 3\n\nthree\n}}
      APPEND $boxto {{A: 4\n\nfour\n}} CATENATE (URL "/$box/;uid=1/;section=header" TEXT {{five\n}})
      APPEND $boxto CATENATE (URL "/$box/;uid=99") CATENATE (TEXT {{hello\n}})
      APPEND $boxto CATENATE (TEXT {{hello\n}}) CATENATE (URL "/$box/;uid=99")
      SELECT $boxto
      FETCH 1:* (UID FLAGS BODY.PEEK[])
    `,
  },
  {
    name: 'copy and move',
    mail: mail(5),
    commands: String.raw`
      SELECT $box
      CREATE $boxto
      2: SELECT $boxto
      STORE 1 FLAGS (\Seen)
      STORE 2 FLAGS (\Draft \Flagged)
      STORE 5 FLAGS (\Flagged $one $two)
      COPY 1:2,4 $boxto
      2: NOOP
      2: FETCH 1:3 (FLAGS INTERNALDATE)
      COPY 5 $boxto
      2: NOOP
      2: FETCH 4 (FLAGS INTERNALDATE)
      COPY 5,3:4,1 $boxto
      2: NOOP
      2: FETCH 5:* (UID BODY.PEEK[HEADER.FIELDS (SUBJECT)])
      COPY 6 $boxto
      COPY 1:9 $boxto
      UID COPY 9 $boxto
      UID COPY 4,9 $boxto
      COPY 1 $boxnosuch
      UID COPY 1 $boxnosuch
      MOVE 1 $boxnosuch
      COPY 1 $box
      NOOP
      COPY 1
      MOVE 1 $boxto
      2: NOOP
      UID MOVE 2 $boxto
      UID MOVE 99 $boxto
      MOVE 99 $boxto
      MOVE 1 $box
      NOOP
      UID FETCH 1:* (FLAGS)
      UID MOVE 1:* $boxto
      NOOP
      2: NOOP
      STATUS $boxto (MESSAGES UIDNEXT)
      EXAMINE $boxto
    `,
  },
  {
    name: 'expunge',
    mail: mail(9),
    commands: String.raw`
      SELECT $box
      2: SELECT $box
      STORE 9 FLAGS (\Deleted)
      EXPUNGE
      2: FETCH 9 UID  # flags of a message that is gone need not be told
      2: FETCH 1:* UID
      2: NOOP
      STORE 1,3 +FLAGS (\Deleted)
      EXPUNGE
      2: UID FETCH 2,4 UID
      2: NOOP
      STORE 1 +FLAGS (\Deleted)
      EXPUNGE
      2: UID STORE 4 FLAGS (\Seen)
      2: NOOP
      STORE 1 +FLAGS (\Deleted)
      EXPUNGE
      2: CHECK
      STORE 1:* +FLAGS (\Deleted)
      UID EXPUNGE 6
      UID EXPUNGE 6,99
      UID EXPUNGE
      UID EXPUNGE 1:*
      EXPUNGE
      2: FETCH 1 FLAGS  # flags of a message that is gone need not be told
      2: SEARCH ALL
      2: UID SEARCH ALL
      2: COPY 1 $box
      2: NOOP
      2: FETCH 1 FLAGS
    `,
  },
  {
    name: 'expunged messages and sequence numbers',
    mail: mail(6),
    commands: String.raw`
      SELECT $box
      2: SELECT $box
      2: STORE 2,4 +FLAGS.SILENT (\Deleted)
      2: EXPUNGE
      FETCH 1:6 UID  # flags of a message that is gone need not be told
      SEARCH ALL
      SEARCH 3:6
      STORE 5 +FLAGS (\Flagged)
      FETCH 5 (UID FLAGS)
      2: NOOP
      APPEND $box {{Subject: new\n\n}}
      FETCH * UID
      NOOP
      FETCH * UID
    `,
  },
  {
    name: 'condstore',
    mail: mail(6),
    commands: String.raw`
      SELECT $box (CONDSTORE)
      = before
      FETCH 1:* (UID MODSEQ)
      STORE 1 +FLAGS (\Seen)
      STORE 3 +FLAGS (\Seen)
      STORE 2,4 +FLAGS (\Seen)
      = after
      FETCH 1:* (FLAGS) (CHANGEDSINCE $before)
      FETCH 1:* (FLAGS) (CHANGEDSINCE $after)
      UID FETCH 1:* (FLAGS) (CHANGEDSINCE $before)
      STORE 1:6 (UNCHANGEDSINCE $before) +FLAGS (\Flagged)
      FETCH 1:* FLAGS
      STORE 1 (UNCHANGEDSINCE $after) FLAGS.SILENT (\Draft)
      STORE 1 (UNCHANGEDSINCE $after) FLAGS (\Draft)
      UID STORE 1,99 (UNCHANGEDSINCE $before) FLAGS ()
      STORE 1 (UNCHANGEDSINCE 0) +FLAGS (\Answered)
      STORE 1 (UNCHANGEDSINCE) +FLAGS (\Answered)
      STORE 1 (NOSUCH 1) +FLAGS (\Answered)
      SEARCH MODSEQ 1
      SEARCH MODSEQ 0
      SEARCH MODSEQ "/flags/\\seen" all 1
      SEARCH MODSEQ "/flags/\\seen" shared 1
      SEARCH MODSEQ $after
      SEARCH MODSEQ 9000000000000000000
      SEARCH RETURN (MIN) 1:3 MODSEQ 1
      SEARCH RETURN (MAX) 1:3 MODSEQ 1
      SEARCH RETURN (ALL) 1:3 MODSEQ 1
      SEARCH RETURN (MIN MAX) 2:3 MODSEQ 1
      SEARCH RETURN (COUNT) 2:3 MODSEQ 1
      SEARCH RETURN (ALL) MODSEQ 9000000000000000000
      FETCH 1 (MODSEQ) (CHANGEDSINCE)
      FETCH 1 (MODSEQ) (NOSUCH 1)
      FETCH 1 FLAGS (CHANGEDSINCE 1 VANISHED)
      STATUS $box (HIGHESTMODSEQ)
      2: SELECT $box
      2: STORE 1 +FLAGS (\Seen)
      NOOP
      2: FETCH 1 (FLAGS MODSEQ)
      2: STORE 2 -FLAGS (\Seen)
      2: STORE 2 +FLAGS.SILENT (\Seen)
      NOOP
      2: UNSELECT
      2: SELECT $box (NOSUCH)
      2: SELECT $box ()
    `,
  },
  {
    name: 'qresync',
    mail: mail(8),
    commands: String.raw`
      ENABLE QRESYNC
      SELECT $box
      = before
      2: SELECT $box
      2: STORE 2,5 +FLAGS (\Deleted)
      2: EXPUNGE
      2: STORE 1 +FLAGS (\Seen)
      NOOP
      FETCH 1:* (FLAGS) (CHANGEDSINCE $before)
      UID FETCH 1:* (FLAGS) (CHANGEDSINCE $before VANISHED)
      UID FETCH 1:4 (FLAGS) (CHANGEDSINCE $before VANISHED)
      UID FETCH 1:* (FLAGS) (VANISHED)
      FETCH 1:* (FLAGS) (CHANGEDSINCE $before VANISHED)
      CLOSE
      SELECT $box (QRESYNC ($validity $before))
      SELECT $box (QRESYNC ($validity $before 1:3))
      SELECT $box (QRESYNC ($validity $before 1:8 (1,4,8 1,4,8)))
      SELECT $box (QRESYNC (1 $before))
      SELECT $box (QRESYNC ($validity 1))
      SELECT $box (QRESYNC ($validity 0))
      UNSELECT
      SELECT $box (QRESYNC ($validity))
      SELECT $box (QRESYNC ())
      SELECT $box (QRESYNC)
      SELECT $box (CONDSTORE QRESYNC ($validity $before))
      2: UNSELECT
      2: SELECT $box (QRESYNC ($validity $before))
      SELECT $box
      STORE 1 +FLAGS (\Deleted)
      EXPUNGE
      STORE 1:2 +FLAGS.SILENT (\Deleted)
      UID EXPUNGE 3
      UID EXPUNGE 1:*
      NOOP
      CREATE $boxto
      MOVE 1 $boxto
      UID FETCH 1:* (UID FLAGS)
      CLOSE
      UNSELECT
    `,
  },
  {
    name: 'what is not a command',
    mail: mail(2),
    commands: String.raw`
      NOSUCH
      UID NOSUCH 1
      UID
      NOOP x  # what is not in the grammar is BAD
      CAPABILITY x  # what is not in the grammar is BAD
      LOGIN alice pw
      AUTHENTICATE PLAIN
      STARTTLS
      ENABLE  # what is not in the grammar is BAD
      ENABLE NOSUCH
      ENABLE CONDSTORE NOSUCH
      ID NIL
      ID ("name" "x")
      ID ("name" NIL)
      ID ()
      ID ("name")  # what is not in the grammar is BAD
      ID  # what is not in the grammar is BAD
      NAMESPACE
      NAMESPACE x  # what is not in the grammar is BAD
      IDLE x
      CHECK
      CLOSE x
      SELECT "$box
      LIST
      LIST ""
      LIST "" "*" x
      LSUB ""
      SUBSCRIBE
      RENAME $box
      CREATE
      DELETE
      STATUS
      SELECT $box
      FETCH 1 FLAGS x
      FETCH  1 FLAGS
      FETCH 1  FLAGS
      STORE 1 +FLAGS \Seen x
      STORE 1 + FLAGS (\Seen)
      SEARCH NOT
      SEARCH SUBJECT
      SEARCH HEADER SUBJECT
      SEARCH (ALL
      SEARCH ALL)  # a parenthesis too many at the end is passed over
      SEARCH "ALL"
      COPY 1
      COPY $box 1
      UID FETCH 1
      UID COPY 1
      UID SEARCH
      UID EXPUNGE x
      EXPUNGE x  # what is not in the grammar is BAD
      UNSELECT x  # what is not in the grammar is BAD
      IDLE
      NOOP
    `,
  },
];
