import { describe, test } from 'vitest';
import { deliver, message, testServer, UID_VALIDITY } from './harness.ts';

const AFTER_LOGIN =
  'IMAP4rev1 IMAP4rev2 ID ENABLE IDLE NAMESPACE CHILDREN LIST-EXTENDED LIST-STATUS SPECIAL-USE CREATE-SPECIAL-USE STATUS=SIZE UIDPLUS MOVE UNSELECT ESEARCH SEARCHRES WITHIN CONDSTORE QRESYNC UNAUTHENTICATE MULTIAPPEND CATENATE REPLACE BINARY PREVIEW SAVEDATE OBJECTID UTF8=ACCEPT SORT SORT=DISPLAY ESORT THREAD=ORDEREDSUBJECT THREAD=REFERENCES THREAD=REFS CONTEXT=SEARCH CONTEXT=SORT PARTIAL MULTISEARCH UIDONLY INPROGRESS NOTIFY ACL RIGHTS=kxte LIST-MYRIGHTS QUOTA QUOTA=RES-STORAGE QUOTA=RES-MESSAGE METADATA LIST-METADATA LITERAL+ APPENDLIMIT=268435456';
const LOGIN = `
  S: * OK [CAPABILITY {any}] {any}
  C: {tag} LOGIN alice secret
  S: {tag} OK [CAPABILITY ${AFTER_LOGIN}] Logged in
`;
const SELECT_2 = `
  C: {tag} SELECT INBOX
  S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)
  S: * 2 EXISTS
  S: * 2 RECENT
  S: * OK [UNSEEN 1] First unseen
  S: * OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)] Flags that are kept
  S: * OK [UIDNEXT 3] Next UID
  S: * OK [UIDVALIDITY ${UID_VALIDITY}] UIDs are valid
  S: * OK [MAILBOXID ({any})] Object id
  S: * OK [HIGHESTMODSEQ {any}] Highest
  S: {tag} OK [READ-WRITE] Selected
`;

describe('before login', () => {
  test('greeting, CAPABILITY, NOOP, ID, LOGOUT (RFC 9051 section 6.1)', async () => {
    await testServer().play(`
      S: * OK [CAPABILITY IMAP4rev1 IMAP4rev2 ID LITERAL+ SASL-IR AUTH=PLAIN AUTH=LOGIN] Posthorn is ready
      C: abcd CAPABILITY
      S: * CAPABILITY IMAP4rev1 IMAP4rev2 ID LITERAL+ SASL-IR AUTH=PLAIN AUTH=LOGIN
      S: abcd OK Done
      C: a002 NOOP
      S: a002 OK Done
      C: a023 ID ("name" "sodr" "version" "19.34")
      S: * ID ("name" "Posthorn")
      S: a023 OK Done
      C: A023 LOGOUT
      S: * BYE Good-bye
      S: A023 OK Logged out
      ! end
    `);
  });

  test('commands that need a login, and unknown ones (RFC 9051 section 3)', async () => {
    await testServer().play(`
      S: * OK {any}
      C: {tag} SELECT INBOX
      S: {tag} BAD Log in first
      C: {tag} FETCH 1 FLAGS
      S: {tag} BAD Log in first
      C: {tag} XYZZY
      S: {tag} BAD Unknown command
      C: {tag} LOGIN alice
      S: {tag} BAD {any}
      C: NOOP
      S: {any}BAD {any}
    `);
  });

  test('AUTHENTICATE PLAIN with and without initial response (RFC 9051 section 6.2.2, RFC 4959)', async () => {
    const server = testServer();
    await server.play(`
      S: * OK {any}
      C: {tag} AUTHENTICATE PLAIN
      S: + 
      C: AGFsaWNlAHNlY3JldA==
      S: {tag} OK [CAPABILITY ${AFTER_LOGIN}] Logged in
      C: {tag} LOGIN alice secret
      S: {tag} BAD You are logged in already
    `);
    await server.play(`
      S: * OK {any}
      C: {tag} AUTHENTICATE PLAIN *
      S: {tag} BAD {any}
      C: {tag} AUTHENTICATE PLAIN
      S: + 
      C: *
      S: {tag} BAD Authentication cancelled
      C: {tag} AUTHENTICATE PLAIN
      S: + 
      C: !!!!
      S: {tag} BAD That is not base64
      C: {tag} AUTHENTICATE CRAM-MD5
      S: {tag} NO [CANNOT] That mechanism is not offered
      C: {tag} AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==
      S: {tag} OK [CAPABILITY ${AFTER_LOGIN}] Logged in
    `);
  });

  test('LOGIN with literals, synchronising and not (RFC 7888)', async () => {
    await testServer().play(`
      S: * OK {any}
      C: A001 LOGIN {5}
      S: + Go ahead
      C: alice {6}
      S: + Go ahead
      C: secret
      S: A001 OK {any}
    `);
    await testServer().play(`
      S: * OK {any}
      C: A001 LOGIN {5+}
      C: alice {6+}
      C: secret
      S: A001 OK {any}
    `);
  });

  test('LOGINDISABLED without TLS (RFC 9051 section 6.2.3)', async () => {
    await testServer({ allowInsecureAuth: false }).play(`
      S: * OK [CAPABILITY IMAP4rev1 IMAP4rev2 ID LITERAL+ SASL-IR LOGINDISABLED] Posthorn is ready
      C: a LOGIN alice secret
      S: a NO [PRIVACYREQUIRED] Use STARTTLS first
      C: b AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==
      S: b NO [PRIVACYREQUIRED] Use STARTTLS first
      C: c STARTTLS
      S: c BAD TLS is not offered
    `);
  });
});

describe('mailboxes', () => {
  test('NAMESPACE and ENABLE (RFC 2342 section 5, RFC 5161)', async () => {
    await testServer().play(`${LOGIN}
      C: {tag} NAMESPACE
      S: * NAMESPACE (("" "/")) NIL NIL
      S: {tag} OK Done
      C: {tag} ENABLE X-GOOD-IDEA
      S: * ENABLED
      S: {tag} OK Done
      C: {tag} ENABLE CONDSTORE X-GOOD-IDEA
      S: * ENABLED CONDSTORE
      S: {tag} OK Done
    `);
  });

  test('CREATE, LIST, RENAME, DELETE (RFC 9051 sections 6.3.4 to 6.3.6)', async () => {
    await testServer().play(`${LOGIN}
      C: {tag} LIST "" ""
      S: * LIST (\\Noselect) "/" ""
      S: {tag} OK Done
      C: {tag} LIST "" ("")
      S: {tag} OK Done
      C: {tag} LIST () "" ""
      S: {tag} OK Done
      C: {tag} LIST "" ("" INBOX)
      S: * LIST (\\HasNoChildren) "/" INBOX
      S: {tag} OK Done
      C: A003 CREATE owatagusiam/
      S: A003 OK [MAILBOXID ({any})] Created
      C: A004 CREATE owatagusiam/blurdybloop
      S: A004 OK [MAILBOXID ({any})] Created
      C: A005 CREATE foo/bar
      S: A005 OK [MAILBOXID ({any})] Created
      C: A006 CREATE inbox
      S: A006 NO [ALREADYEXISTS] There is a mailbox of that name
      C: A007 CREATE a//b
      S: A007 NO [CANNOT] No mailbox can have that name
      C: A682 LIST "" *
      S: * LIST (\\HasNoChildren) "/" INBOX
      S: * LIST (\\Noselect \\HasChildren) "/" foo
      S: * LIST (\\HasNoChildren) "/" foo/bar
      S: * LIST (\\HasChildren) "/" owatagusiam
      S: * LIST (\\HasNoChildren) "/" owatagusiam/blurdybloop
      S: A682 OK Done
      C: A683 LIST "" %
      S: * LIST (\\HasNoChildren) "/" INBOX
      S: * LIST (\\Noselect \\HasChildren) "/" foo
      S: * LIST (\\HasChildren) "/" owatagusiam
      S: A683 OK Done
      C: A683.1 LIST () "" %
      S: * LIST (\\HasNoChildren) "/" INBOX
      S: * LIST (\\NonExistent \\HasChildren) "/" foo
      S: * LIST (\\HasChildren) "/" owatagusiam
      S: A683.1 OK Done
      C: A683.2 LIST "" (% foo/bar)
      S: * LIST (\\HasNoChildren) "/" INBOX
      S: * LIST (\\HasNoChildren) "/" foo/bar
      S: * LIST (\\HasChildren) "/" owatagusiam
      S: A683.2 OK Done
      C: A684 LIST foo/ %
      S: * LIST (\\HasNoChildren) "/" foo/bar
      S: A684 OK Done
      C: A685 LIST "" inBOX
      S: * LIST (\\HasNoChildren) "/" INBOX
      S: A685 OK Done
      C: A686 SELECT foo
      S: A686 NO [NONEXISTENT] There is no such mailbox
      C: A687 DELETE foo
      S: A687 NO [HASCHILDREN] The name holds other mailboxes
      C: A688 DELETE blurdybloop
      S: A688 NO [NONEXISTENT] There is no such mailbox
      C: A689 DELETE INBOX
      S: A689 NO [CANNOT] That cannot be done
      C: A690 RENAME foo/bar foo/baz
      S: A690 OK Renamed
      C: A691 RENAME foo/baz owatagusiam
      S: A691 NO [ALREADYEXISTS] There is a mailbox of that name
      C: A692 DELETE foo/baz
      S: A692 OK Deleted
      C: A693 LIST "" (foo* INBOX)
      S: * LIST (\\HasNoChildren) "/" INBOX
      S: A693 OK Done
    `);
  });

  test('names that are not ASCII, or hold the delimiter (RFC 3501 section 5.1.3)', async () => {
    const server = testServer();
    const account = await server.account();
    await account.create(['a/b', 'c']);
    await account.create(['Entwürfe']);
    await server.play(`${LOGIN}
      C: {tag} LIST "" *
      S: * LIST (\\HasNoChildren) "/" INBOX
      S: * LIST (\\HasNoChildren) "/" Entw&APw-rfe
      S: * LIST (\\Noselect \\HasChildren) "/" a&AC8-b
      S: * LIST (\\HasNoChildren) "/" a&AC8-b/c
      S: {tag} OK Done
      C: {tag} LIST "" %
      S: * LIST (\\HasNoChildren) "/" INBOX
      S: * LIST (\\HasNoChildren) "/" Entw&APw-rfe
      S: * LIST (\\Noselect \\HasChildren) "/" a&AC8-b
      S: {tag} OK Done
      C: {tag} STATUS a&AC8-b/c (MESSAGES)
      S: * STATUS a&AC8-b/c (MESSAGES 0)
      S: {tag} OK Done
      C: {tag} STATUS Entw&APw-rfe (MESSAGES)
      S: * STATUS Entw&APw-rfe (MESSAGES 0)
      S: {tag} OK Done
      C: {tag} CREATE &Jjo!
      S: {tag} NO [CANNOT] No mailbox can have that name
      C: {tag} CREATE x&AC8-y
      S: {tag} OK [MAILBOXID ({any})] Created
      C: {tag} DELETE x&AC8-y
      S: {tag} OK Deleted
    `);
  });

  test('STATUS (RFC 9051 section 6.3.11, RFC 8438, RFC 7889)', async () => {
    const server = testServer();
    await deliver(await server.account(), ['blurdybloop'], message('one'), message('two'));
    await server.play(`${LOGIN}
      C: A042 STATUS blurdybloop (UIDNEXT MESSAGES)
      S: * STATUS blurdybloop (MESSAGES 2 UIDNEXT 3)
      S: A042 OK Done
      C: A043 STATUS "blurdybloop" (RECENT UIDVALIDITY UNSEEN DELETED SIZE APPENDLIMIT)
      S: * STATUS blurdybloop (RECENT 2 UIDVALIDITY {any} UNSEEN 2 DELETED 0 SIZE 108 APPENDLIMIT 268435456)
      S: A043 OK Done
      C: A044 STATUS nothing (MESSAGES)
      S: A044 NO [NONEXISTENT] There is no such mailbox
    `);
  });

  test('subscriptions: LSUB, LIST (SUBSCRIBED) and RECURSIVEMATCH (RFC 3501 6.3.9, RFC 5258 section 5)', async () => {
    const server = testServer();
    const account = await server.account();
    for (const path of [['Fruit'], ['Fruit', 'Apple'], ['Fruit', 'Banana'], ['Vegetable', 'Broccoli']] as const) {
      await account.create(path);
    }
    await server.play(`${LOGIN}
      C: {tag} SUBSCRIBE Fruit/Banana
      S: {tag} OK Done
      C: {tag} SUBSCRIBE Vegetable/Broccoli
      S: {tag} OK Done
      C: {tag} SUBSCRIBE Fruit
      S: {tag} OK Done
      C: {tag} UNSUBSCRIBE Fruit
      S: {tag} OK Done
      C: {tag} LSUB "" *
      S: * LSUB () "/" Fruit/Banana
      S: * LSUB () "/" Vegetable/Broccoli
      S: {tag} OK Done
      C: {tag} LSUB "" %
      S: * LSUB (\\Noselect) "/" Fruit
      S: * LSUB (\\Noselect) "/" Vegetable
      S: {tag} OK Done
      C: {tag} LIST (SUBSCRIBED) "" *
      S: * LIST (\\HasNoChildren \\Subscribed) "/" Fruit/Banana
      S: * LIST (\\HasNoChildren \\Subscribed) "/" Vegetable/Broccoli
      S: {tag} OK Done
      C: {tag} LIST (SUBSCRIBED RECURSIVEMATCH) "" %
      S: * LIST (\\HasChildren) "/" Fruit (CHILDINFO ("SUBSCRIBED"))
      S: * LIST (\\NonExistent \\HasChildren) "/" Vegetable (CHILDINFO ("SUBSCRIBED"))
      S: {tag} OK Done
      C: {tag} SUBSCRIBE Fruit/Peach
      S: {tag} OK Done
      C: {tag} SUBSCRIBE Nut/Hazel
      S: {tag} OK Done
      C: {tag} LIST (SUBSCRIBED) "" *
      S: * LIST (\\HasNoChildren \\Subscribed) "/" Fruit/Banana
      S: * LIST (\\HasNoChildren \\Subscribed) "/" Vegetable/Broccoli
      S: * LIST (\\NonExistent \\HasNoChildren \\Subscribed) "/" Fruit/Peach
      S: * LIST (\\NonExistent \\HasNoChildren \\Subscribed) "/" Nut/Hazel
      S: {tag} OK Done
      C: {tag} LIST (SUBSCRIBED RECURSIVEMATCH) "" Nu%
      S: * LIST (\\NonExistent \\HasNoChildren) "/" Nut (CHILDINFO ("SUBSCRIBED"))
      S: {tag} OK Done
      C: {tag} LIST (SUBSCRIBED RECURSIVEMATCH) "" F*
      S: * LIST (\\HasNoChildren \\Subscribed) "/" Fruit/Banana
      S: * LIST (\\NonExistent \\HasNoChildren \\Subscribed) "/" Fruit/Peach
      S: {tag} OK Done
      C: {tag} LSUB "" Nut*
      S: * LSUB () "/" Nut/Hazel
      S: {tag} OK Done
      C: {tag} LSUB "" Nut%
      S: * LSUB (\\Noselect) "/" Nut
      S: {tag} OK Done
      C: {tag} UNSUBSCRIBE Nut/Hazel
      S: {tag} OK Done
      C: {tag} LIST (RECURSIVEMATCH) "" %
      S: {tag} BAD RECURSIVEMATCH needs something to match
      C: {tag} LIST (REMOTE) "" Fruit/% RETURN (SUBSCRIBED CHILDREN)
      S: * LIST (\\HasNoChildren) "/" Fruit/Apple
      S: * LIST (\\HasNoChildren \\Subscribed) "/" Fruit/Banana
      S: {tag} OK Done
      C: {tag} LIST (XYZZY) "" *
      S: {tag} BAD There is no LIST option XYZZY
    `);
  });

  test('special use and status in LIST (RFC 6154 section 5, RFC 5819 section 4)', async () => {
    await testServer().play(`${LOGIN}
      C: {tag} CREATE Sent (USE (\\Sent))
      S: {tag} OK [MAILBOXID ({any})] Created
      C: {tag} CREATE Odd (USE (\\Odd))
      S: {tag} NO [USEATTR] That use of a mailbox is not known
      C: {tag} LIST (SPECIAL-USE) "" *
      S: * LIST (\\HasNoChildren \\Sent) "/" Sent
      S: {tag} OK Done
      C: {tag} LIST "" % RETURN (SPECIAL-USE STATUS (MESSAGES UNSEEN))
      S: * LIST (\\HasNoChildren) "/" INBOX
      S: * STATUS INBOX (MESSAGES 0 UNSEEN 0)
      S: * LIST (\\HasNoChildren \\Sent) "/" Sent
      S: * STATUS Sent (MESSAGES 0 UNSEEN 0)
      S: {tag} OK Done
    `);
  });
});

describe('selecting', () => {
  test('SELECT, EXAMINE, CLOSE, UNSELECT (RFC 9051 sections 6.3.2, 6.3.3, 6.4.1, 6.4.2)', async () => {
    const server = testServer();
    await deliver(await server.account(), ['INBOX'], message('one'), message('two'));
    await server.play(`${LOGIN}${SELECT_2}
      C: {tag} STORE 1 +FLAGS.SILENT (\\Deleted)
      S: {tag} OK Done
      C: {tag} UNSELECT
      S: {tag} OK Closed
      C: {tag} FETCH 1 FLAGS
      S: {tag} BAD Select a mailbox first
      C: {tag} EXAMINE INBOX
      S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)
      S: * 2 EXISTS
      S: * 0 RECENT
      S: * OK [UNSEEN 1] First unseen
      S: * OK [PERMANENTFLAGS ()] No flags can be changed
      S: * OK [UIDNEXT 3] Next UID
      S: * OK [UIDVALIDITY ${UID_VALIDITY}] UIDs are valid
  S: * OK [MAILBOXID ({any})] Object id
  S: * OK [HIGHESTMODSEQ {any}] Highest
      S: {tag} OK [READ-ONLY] Selected
      C: {tag} STORE 1 FLAGS ()
      S: {tag} NO [READ-ONLY] The mailbox is read-only
      C: {tag} EXPUNGE
      S: {tag} NO [READ-ONLY] The mailbox is read-only
      C: {tag} MOVE 1 INBOX
      S: {tag} NO [READ-ONLY] The mailbox is read-only
      C: {tag} CLOSE
      S: {tag} OK Closed
      C: {tag} SELECT INBOX
      S: * FLAGS {any}
      S: * 2 EXISTS
      S: * 0 RECENT
      S: * OK [UNSEEN 1] First unseen
      S: * OK [PERMANENTFLAGS {any}
      S: * OK [UIDNEXT {any}
      S: * OK [UIDVALIDITY {any}
      S: * OK [MAILBOXID ({any})] Object id
      S: * OK [HIGHESTMODSEQ {any}] Highest
      S: {tag} OK [READ-WRITE] Selected
      C: {tag} CLOSE
      S: {tag} OK Closed
      C: {tag} STATUS INBOX (MESSAGES)
      S: * STATUS INBOX (MESSAGES 1)
      S: {tag} OK Done
    `);
  });

  test('selecting another mailbox closes the first; a failed SELECT leaves none (RFC 9051 section 6.3.2)', async () => {
    const server = testServer();
    await deliver(await server.account(), ['INBOX'], message('one'), message('two'));
    await server.play(`${LOGIN}${SELECT_2}
      C: {tag} SELECT nothing
      S: * OK [CLOSED] The mailbox is closed
      S: {tag} NO [NONEXISTENT] There is no such mailbox
      C: {tag} FETCH 1 FLAGS
      S: {tag} BAD Select a mailbox first
    `);
  });

  test('an empty mailbox', async () => {
    await testServer().play(`${LOGIN}
      C: {tag} SELECT INBOX
      S: * FLAGS {any}
      S: * 0 EXISTS
      S: * 0 RECENT
      S: * OK [PERMANENTFLAGS {any}
      S: * OK [UIDNEXT 1] Next UID
      S: * OK [UIDVALIDITY ${UID_VALIDITY}] UIDs are valid
  S: * OK [MAILBOXID ({any})] Object id
  S: * OK [HIGHESTMODSEQ {any}] Highest
      S: {tag} OK [READ-WRITE] Selected
      C: {tag} UID FETCH 1:* FLAGS
      S: {tag} OK There was nothing to fetch
      C: {tag} FETCH 1:* FLAGS
      S: {tag} BAD Invalid messageset: there is no message with that number
      C: {tag} EXPUNGE
      S: {tag} OK Expunged
      C: {tag} CLOSE
      S: {tag} OK Closed
    `);
  });
});

describe('messages', () => {
  test('FETCH of sections and partials (RFC 9051 section 6.4.5)', async () => {
    const server = testServer();
    await deliver(await server.account(), ['INBOX'], message('one'), message('two'));
    await server.play(`${LOGIN}${SELECT_2}
      C: {tag} FETCH 1 (UID FLAGS INTERNALDATE RFC822.SIZE)
      S: * 1 FETCH (UID 1 FLAGS (\\Recent) INTERNALDATE "02-Jan-2026 03:04:05 +0000" RFC822.SIZE 54)
      S: {tag} OK Fetched
      C: {tag} FETCH 1 BODY.PEEK[HEADER.FIELDS (SUBJECT)]
      S: * 1 FETCH (BODY[HEADER.FIELDS (SUBJECT)] {16}
      S: Subject: one
      S:
      S: )
      S: {tag} OK Fetched
      C: {tag} FETCH 1 BODY.PEEK[HEADER.FIELDS.NOT (SUBJECT)]<0.5>
      S: * 1 FETCH (BODY[HEADER.FIELDS.NOT (SUBJECT)]<0> {5}
      S: From:)
      S: {tag} OK Fetched
      C: {tag} FETCH 1 BODY.PEEK[TEXT]<2.3>
      S: * 1 FETCH (BODY[TEXT]<2> {3}
      S: llo)
      S: {tag} OK Fetched
      C: {tag} FETCH 1 BODY.PEEK[]<1000.5>
      S: * 1 FETCH (BODY[]<1000> {0}
      S: )
      S: {tag} OK Fetched
      C: {tag} FETCH 1 (BODY.PEEK[1] BODY.PEEK[2])
      S: * 1 FETCH (BODY[1] {7}
      S: Hello
      S:  BODY[2] NIL)
      S: {tag} OK Fetched
      C: {tag} FETCH 2 BODY[TEXT]
      S: * 2 FETCH (FLAGS (\\Recent \\Seen) BODY[TEXT] {7}
      S: Hello
      S: )
      S: {tag} OK Fetched
      C: {tag} FETCH 2 (RFC822.HEADER FLAGS)
      S: * 2 FETCH (FLAGS (\\Seen \\Recent) RFC822.HEADER {47}
      S: From: Fred <fred@example.com>
      S: Subject: two
      S:
      S: )
      S: {tag} OK Fetched
      C: {tag} UID FETCH 2 RFC822
      S: * 2 FETCH (UID 2 RFC822 {54}
      S: From: Fred <fred@example.com>
      S: Subject: two
      S:
      S: Hello
      S: )
      S: {tag} OK Fetched
      C: {tag} FETCH 3 FLAGS
      S: {tag} BAD Invalid messageset: there is no message with that number
      C: {tag} UID FETCH 3:9 FLAGS
      S: {tag} OK There was nothing to fetch
    `);
  });

  test('ENVELOPE, BODY and BODYSTRUCTURE (RFC 9051 section 7.5.2)', async () => {
    const server = testServer();
    await deliver(await server.account(), ['INBOX'], message('one'), message('two'));
    await server.play(`${LOGIN}${SELECT_2}
      C: {tag} FETCH 1 ENVELOPE
      S: * 1 FETCH (ENVELOPE (NIL "one" (("Fred" NIL "fred" "example.com")) (("Fred" NIL "fred" "example.com")) (("Fred" NIL "fred" "example.com")) NIL NIL NIL NIL NIL))
      S: {tag} OK Fetched
      C: {tag} UID FETCH 1 (BODY BODYSTRUCTURE)
      S: * 1 FETCH (UID 1 BODYSTRUCTURE ("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 7 1 NIL NIL NIL NIL))
      S: * 1 FETCH (UID 1 BODY ("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 7 1))
      S: {tag} OK Fetched
      C: {tag} FETCH 2 FULL
      S: * 2 FETCH (FLAGS (\\Recent) INTERNALDATE {any} RFC822.SIZE 54 ENVELOPE {any} BODY ("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 7 1))
      S: {tag} OK Fetched
    `);
  });

  test('STORE and EXPUNGE (RFC 9051 sections 6.4.3, 6.4.6, 6.4.9)', async () => {
    const server = testServer();
    await deliver(await server.account(), ['INBOX'], message('one'), message('two'));
    await server.play(`${LOGIN}${SELECT_2}
      C: A003 STORE 1:2 +FLAGS (\\Deleted)
      S: * 1 FETCH (FLAGS (\\Deleted \\Recent))
      S: * 2 FETCH (FLAGS (\\Deleted \\Recent))
      S: A003 OK Done
      C: A004 UID STORE 2 -FLAGS (\\Deleted)
      S: * 2 FETCH (UID 2 FLAGS (\\Recent))
      S: A004 OK Done
      C: A005 UID STORE 2 FLAGS.SILENT (\\Seen $Forwarded)
      S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Forwarded)
      S: * OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Forwarded \\*)] {any}
      S: A005 OK Done
      C: A006 STORE 2 +FLAGS (\\Wrong)
      S: A006 BAD There is no flag \\Wrong
      C: A007 UID STORE 77 +FLAGS (\\Seen)
      S: A007 OK There was nothing to store
      C: A008 STORE 3 +FLAGS (\\Seen)
      S: A008 BAD Invalid messageset: there is no message with that number
      C: A010 UID EXPUNGE 2
      S: A010 OK Expunged
      C: A202 EXPUNGE
      S: * 1 EXPUNGE
      S: * 1 RECENT
      S: A202 OK Expunged
      C: A203 FETCH 1 (UID FLAGS)
      S: * 1 FETCH (UID 2 FLAGS (\\Seen \\Recent $Forwarded))
      S: A203 OK Fetched
    `);
  });

  test('COPY and MOVE (RFC 9051 sections 6.4.7 and 6.4.8, RFC 6851 section 3.3)', async () => {
    const server = testServer();
    await deliver(await server.account(), ['INBOX'], message('one'), message('two'));
    await server.play(`${LOGIN}${SELECT_2}
      C: A003 COPY 1:2 MEETING
      S: A003 NO [TRYCREATE] Create the mailbox first
      C: A004 CREATE MEETING
      S: A004 OK [MAILBOXID ({any})] Created
      C: A005 COPY 2 MEETING
      S: A005 OK [COPYUID ${UID_VALIDITY + 1} 2 1] Copied
      C: A006 UID COPY 1:4294967295 MEETING
      S: A006 OK [COPYUID ${UID_VALIDITY + 1} 1:2 2:3] Copied
      C: A007 UID COPY 9 MEETING
      S: A007 OK There was nothing to do
      C: A008 UID MOVE 1 MEETING
      S: * OK [COPYUID ${UID_VALIDITY + 1} 1 4] Moved
      S: * 1 EXPUNGE
      S: * 1 RECENT
      S: A008 OK Moved
      C: A009 MOVE 1 nothing
      S: A009 NO [TRYCREATE] Create the mailbox first
      C: A010 COPY 1 a//b
      S: A010 NO [CANNOT] There cannot be such a mailbox
      C: A011 COPY 1 INBOX
      S: * 2 EXISTS
      S: * 2 RECENT
      S: A011 OK [COPYUID ${UID_VALIDITY} 2 3] Copied
    `);
  });

  test('APPEND (RFC 9051 section 6.3.12)', async () => {
    const server = testServer({ limits: { maxMessageBytes: 1000 } });
    await server.play(`
      S: * OK {any}
      C: {tag} LOGIN alice secret
      S: {tag} OK {any}
      C: A003 APPEND saved-messages (\\Seen) {310}
      S: A003 NO [TRYCREATE] Create the mailbox first
      C: A004 APPEND INBOX (\\Seen $Junk) "07-Feb-1994 21:52:25 -0800" {20}
      S: + Send the message
      C: Subject: x
      C:
      C: Body
      C:
      S: A004 OK [APPENDUID ${UID_VALIDITY} 1] APPEND completed
      C: A005 APPEND INBOX {6+}
      C: A: b
      C: 
      S: A005 OK [APPENDUID ${UID_VALIDITY} 2] APPEND completed
      C: A006 APPEND INBOX {1001}
      S: A006 NO [TOOBIG] A message has at most 1000 octets
      C: A007 APPEND INBOX (\\Wrong) {4}
      S: A007 BAD There is no flag \\Wrong
      C: A008 APPEND a//b {4}
      S: A008 NO [CANNOT] There cannot be such a mailbox
      C: A009 APPEND INBOX
      S: A009 BAD {any}
      C: A010 EXAMINE INBOX
      S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Junk)
      S: * 2 EXISTS
      S: * 2 RECENT
      S: * OK [UNSEEN 2] First unseen
      S: * OK [PERMANENTFLAGS ()] No flags can be changed
      S: * OK [UIDNEXT 3] Next UID
      S: * OK [UIDVALIDITY ${UID_VALIDITY}] UIDs are valid
  S: * OK [MAILBOXID ({any})] Object id
  S: * OK [HIGHESTMODSEQ {any}] Highest
      S: A010 OK [READ-ONLY] Selected
      C: A011 FETCH 1 (FLAGS INTERNALDATE BODY.PEEK[])
      S: * 1 FETCH (FLAGS (\\Seen \\Recent $Junk) INTERNALDATE "07-Feb-1994 21:52:25 -0800" BODY[] {20}
      S: Subject: x
      S:
      S: Body
      S: )
      S: A011 OK Fetched
    `);
  });

  test('APPEND to the selected mailbox is told of', async () => {
    await testServer().play(`${LOGIN}
      C: {tag} SELECT INBOX
      S: * FLAGS {any}
      S: * 0 EXISTS
      S: * 0 RECENT
      S: * OK {any}
      S: * OK {any}
      S: * OK {any}
      S: * OK [MAILBOXID ({any})] Object id
      S: * OK [HIGHESTMODSEQ {any}] Highest
      S: {tag} OK [READ-WRITE] Selected
      C: {tag} APPEND INBOX {6+}
      C: A: b
      C: 
      S: * 1 EXISTS
      S: * 1 RECENT
      S: {tag} OK [APPENDUID ${UID_VALIDITY} 1] APPEND completed
    `);
  });
});

test('commands that were sent together are answered in order (RFC 9051 section 5.5)', async () => {
  const server = testServer();
  await deliver(await server.account(), ['INBOX'], message('one'), message('two'));
  await server.play(`${LOGIN}
    C: a1 SELECT INBOX{noeol}
    C: {x0d}{x0a}a2 STORE 1 +FLAGS.SILENT (\\Deleted){x0d}{x0a}a3 EXPUNGE{x0d}{x0a}a4 UID FETCH 1:* FLAGS
    S: * FLAGS {any}
    S: * 2 EXISTS
    S: * 2 RECENT
    S: * OK {any}
    S: * OK {any}
    S: * OK {any}
    S: * OK {any}
    S: * OK {any}
    S: * OK {any}
    S: a1 OK {any}
    S: a2 OK Done
    S: * 1 EXPUNGE
    S: * 1 RECENT
    S: a3 OK Expunged
    S: * 1 FETCH (UID 2 FLAGS (\\Recent))
    S: a4 OK Fetched
  `);
});
