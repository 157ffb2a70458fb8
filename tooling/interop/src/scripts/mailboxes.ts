import type { ImapScript } from '../imap-script.ts';

/** Making, naming, listing and subscribing to mailboxes. */
export const MAILBOX_SCRIPTS: readonly ImapScript[] = [
  {
    name: 'create, delete',
    commands: String.raw`
      LIST "" ""
      CREATE $box
      CREATE $box
      CREATE $box/
      CREATE $box/a/b/c
      CREATE $box/d/
      LIST "" $box*
      LIST "" $box/%
      LIST "" $box/%/%
      LIST "" %/%/%
      LIST "" "$box/%/"
      LIST $box %
      LIST $box/ %
      LIST $box/ *
      LIST $box/a %
      LIST "$box/a/" b*
      LIST "" $box/*b
      LIST "" $box/*b/%
      LIST "" "$box/a/%*"
      LIST "" ""
      LIST $box ""
      LIST $box/a ""  # a reference that has no root has an empty one: RFC 3501 section 6.3.8
      DELETE $box/a  # either code fits a name that only holds others
      LIST "" $box/*
      DELETE $box/a/b/c
      LIST "" $box/*
      DELETE $box/nosuch
      DELETE $box/d
      LIST "" $box/*
      DELETE INBOX
      DELETE inbox
      CREATE INBOX
      CREATE inbox
      CREATE ""
      CREATE "$box/x y"
      CREATE "$box/&AOQ-"
      LIST "" $box/*
      DELETE "$box/x y"
      DELETE "$box/&AOQ-"
      DELETE $box
      LIST "" $box*
      STATUS $box (MESSAGES)
      SELECT $box
      EXAMINE $box
      APPEND $box {{Subject: lost\n\n}}
    `,
  },
  {
    name: 'rename',
    mail: ['Subject: one\r\n\r\none\r\n', 'Subject: two\r\n\r\ntwo\r\n'],
    commands: String.raw`
      CREATE $box/in/deep
      SUBSCRIBE $box/in/deep
      RENAME $box $boxnew
      LIST "" $box*
      RENAME $box/in $box/out
      LIST "" $box*
      LSUB "" $box*
      RENAME $box/nosuch $box/other
      CREATE $box/there
      RENAME $box/out $box/there
      RENAME $box/out $box/far/away
      LIST "" $box*
      RENAME $box/far/away $box/far/away/below
      RENAME $box/far INBOX
      LIST "" $box*
      STATUS $box (MESSAGES UIDNEXT)
      SELECT $box
      RENAME $box $boxx
      NOOP
      FETCH 1 BODY.PEEK[TEXT]
      STATUS $boxx (MESSAGES)
    `,
  },
  {
    name: 'subscriptions',
    commands: String.raw`
      UNSUBSCRIBE $box/none
      CREATE $box/
      CREATE $box/one
      CREATE $box/two/
      CREATE $box/two/deep
      CREATE $box/three/
      CREATE $box/three/deep
      SUBSCRIBE $box/one
      SUBSCRIBE $box/one
      SUBSCRIBE $box/two/deep
      SUBSCRIBE $box/three/deep
      2: LSUB "" $box/%
      2: LSUB "" $box/*
      2: LSUB "" *deep
      2: LSUB "" $box%
      2: LSUB $box/ %
      LIST (SUBSCRIBED) "" $box/*
      LIST (SUBSCRIBED) "" $box/%
      LIST (SUBSCRIBED RECURSIVEMATCH) "" $box/%
      LIST "" $box/* RETURN (SUBSCRIBED)
      LIST "" $box/% RETURN (CHILDREN SUBSCRIBED)
      UNSUBSCRIBE $box/one
      2: LSUB "" $box/%
      UNSUBSCRIBE $box/two/deep
      2: LSUB "" $box/*
      UNSUBSCRIBE $box/three/deep
      2: LSUB "" $box/*
      UNSUBSCRIBE $box/three/deep
      SUBSCRIBE INBOX
      LSUB "" inbox
      LSUB "" INBOX
      LSUB "" ""
      UNSUBSCRIBE INBOX
    `,
  },
  {
    name: 'LIST-EXTENDED',
    commands: String.raw`
      CREATE $box/t1
      CREATE $box/t2/
      CREATE $box/t2/t1
      CREATE $box/t3
      CREATE $box/t4/t5
      CREATE $box/t4/t52
      CREATE $box/t6
      CREATE $box/t7/t7
      CREATE $box/t8/t8
      CREATE $box/t8/t9
      SUBSCRIBE $box/t1
      SUBSCRIBE $box/t2/t1
      SUBSCRIBE $box/t6
      SUBSCRIBE $box/t7/t7
      SUBSCRIBE $box/t8/t8
      SUBSCRIBE $box/t8/t9
      DELETE $box/t6
      LIST "" ($box/*2 $box/t3)
      LIST (SUBSCRIBED) "" $box/*
      LIST (SUBSCRIBED) "" $box/t6
      LIST (SUBSCRIBED RECURSIVEMATCH) "" $box/t2% RETURN (CHILDREN)
      LIST "" $box/% RETURN (CHILDREN SUBSCRIBED)
      LIST (SUBSCRIBED RECURSIVEMATCH) "" $box/*t7
      LIST (SUBSCRIBED RECURSIVEMATCH) "" $box/*t8
      LIST (SUBSCRIBED RECURSIVEMATCH) "" ($box/t2)
      LIST (SUBSCRIBED RECURSIVEMATCH) "" ($box/t2 $box/t2/t1)
      LIST "" ($box/t7 $box/t7/t7)  # what another pattern tells says enough of its parent: RFC 9051 section 6.3.9.8
      LIST () "" $box/t1
      LIST () "" ""
      LIST "" ("")
      LIST "" "" RETURN ()
      LIST "" ($box/t1 "" $box/t3)
      LIST (REMOTE) "" $box/%
      LIST (RECURSIVEMATCH) "" $box/%
      LIST (RECURSIVEMATCH REMOTE) "" $box/%
      LIST (NOSUCH) "" $box/%
      LIST "" $box/% RETURN (NOSUCH)
      LIST (SUBSCRIBED REMOTE) "" $box/% RETURN (CHILDREN)
      LIST "" $box/% RETURN (CHILDREN)
      LIST "" $box/t4 RETURN (STATUS (MESSAGES UNSEEN))
      LIST "" $box/t4/* RETURN (STATUS (MESSAGES UIDNEXT))
      LIST "" INBOX RETURN (CHILDREN)
      LIST "" inBOX
      LIST "" inb%
      LIST "" IN*X
    `,
  },
  {
    name: 'status',
    mail: ['Subject: one\r\n\r\none\r\n', 'Subject: two\r\n\r\ntwo\r\n', 'Subject: three\r\n\r\nthree\r\n'],
    commands: String.raw`
      STATUS $box (MESSAGES)
      STATUS $box (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN)
      STATUS $box (HIGHESTMODSEQ SIZE)
      STATUS $box (messages)
      STATUS "$box" (Messages)
      STATUS $box ()
      STATUS $box MESSAGES
      STATUS $box (NOSUCH)
      STATUS $box
      STATUS $boxnosuch (MESSAGES)
      STATUS INBOX (UIDVALIDITY)
      STATUS inbox (UIDVALIDITY)
      SELECT $box
      STORE 1 +FLAGS (\Seen \Deleted)
      2: STATUS $box (MESSAGES UNSEEN RECENT)
      3: EXAMINE $box
      3: STATUS $box (MESSAGES UNSEEN)
      EXPUNGE
      2: STATUS $box (MESSAGES UNSEEN UIDNEXT)
      3: NOOP
      3: STATUS $box (MESSAGES UNSEEN UIDNEXT)
    `,
  },
  {
    name: 'select, examine, close',
    mail: ['Subject: one\r\n\r\none\r\n', 'Subject: two\r\n\r\ntwo\r\n', 'Subject: three\r\n\r\nthree\r\n'],
    commands: String.raw`
      FETCH 1 FLAGS
      EXPUNGE
      CLOSE
      UNSELECT
      EXAMINE $box
      STORE 1 +FLAGS (\Seen)  # a change that cannot be made is refused
      FETCH 1 BODY.PEEK[]
      EXPUNGE  # a change that cannot be made is refused
      CLOSE
      SELECT $box
      FETCH 1 FLAGS
      STORE 1,3 +FLAGS (\Deleted)
      SELECT $box
      EXAMINE $box
      CLOSE
      SELECT $box
      SELECT $boxnosuch
      FETCH 1 FLAGS
      SELECT $box
      UNSELECT
      SELECT $box
      CLOSE
      CLOSE
      SELECT $box
      FETCH 1:* (UID FLAGS)
      SELECT "$box"
      CHECK
      CLOSE
      SELECT
    `,
  },
];
