import { expect, test } from 'vitest';
import { collect, connectTo, LOGOUT, text } from './support.ts';

const HEADER = [
  'Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)',
  'From: Terry Gray <gray@cac.washington.edu>',
  'Subject: IMAP4rev1 WG mtg summary and minutes',
  'To: imap@cac.washington.edu',
  'cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>',
  'Message-Id: <B27397-0100000@cac.washington.edu>',
  'MIME-Version: 1.0',
  'Content-Type: TEXT/PLAIN; CHARSET=US-ASCII',
  '',
  '',
].join('\r\n');

test('the sample session of RFC 3501 section 8, by UID', async () => {
  const { client, server } = connectTo(
    `S: * OK IMAP4rev1 Service Ready
     C: {c} CAPABILITY
     S: * CAPABILITY IMAP4rev1
     S: {c} OK CAPABILITY completed
     C: {l} LOGIN mrc secret
     S: {l} OK LOGIN completed
     C: {d} CAPABILITY
     S: * CAPABILITY IMAP4rev1
     S: {d} OK CAPABILITY completed
     C: {s} SELECT INBOX
     S: * 18 EXISTS
     S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)
     S: * 2 RECENT
     S: * OK [UNSEEN 17] Message 17 is the first unseen message
     S: * OK [UIDVALIDITY 3857529045] UIDs valid
     S: * OK [UIDNEXT 4392] next
     S: {s} OK [READ-WRITE] SELECT completed
     C: {f} UID FETCH 12 (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)
     S: * 12 FETCH (UID 12 FLAGS (\\Seen) INTERNALDATE "17-Jul-1996 02:44:25 -0700" RFC822.SIZE 4286 ENVELOPE ("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev1 WG mtg summary and minutes" (("Terry Gray" NIL "gray" "cac.washington.edu")) (("Terry Gray" NIL "gray" "cac.washington.edu")) (("Terry Gray" NIL "gray" "cac.washington.edu")) ((NIL NIL "imap" "cac.washington.edu")) ((NIL NIL "minutes" "CNRI.Reston.VA.US") ("John Klensin" NIL "KLENSIN" "MIT.EDU")) NIL NIL "<B27397-0100000@cac.washington.edu>") BODYSTRUCTURE ("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 3028 92))
     S: {f} OK FETCH completed
     C: {h} UID FETCH 12 (UID BODY.PEEK[HEADER])
     S: * 12 FETCH (UID 12 BODY[HEADER] {${HEADER.length}}
     ${HEADER.split('\r\n')
       .slice(0, -1)
       .map((line) => `S: ${line}`)
       .join('\n')}
     S: )
     S: {h} OK FETCH completed
     C: {t} UID STORE 12 +FLAGS (\\Deleted)
     S: * 12 FETCH (UID 12 FLAGS (\\Seen \\Deleted))
     S: {t} OK +FLAGS completed${LOGOUT}`,
    { auth: { user: 'mrc', password: 'secret' }, allowInsecureAuth: true },
  );
  const imap = await client;
  const inbox = await imap.select('INBOX');
  expect(inbox.exists).toBe(18);
  const query = { flags: true, internalDate: true, size: true, envelope: true, bodyStructure: true } as const;
  const [message] = await collect(inbox.fetch('12', query));
  expect(message).toMatchObject({ uid: 12, sequenceNumber: 12, size: 4286, flags: ['\\Seen'] });
  expect(message!.envelope.cc.map(({ mailbox, host }) => `${mailbox}@${host}`)).toEqual([
    'minutes@CNRI.Reston.VA.US',
    'KLENSIN@MIT.EDU',
  ]);
  expect(message!.bodyStructure).toMatchObject({ type: 'text', mediaSubtype: 'PLAIN', size: 3028, lines: 92 });
  for await (const { body } of inbox.fetch('12', { body: { part: [], text: 'HEADER' } }))
    expect(text(await body!.bytes())).toBe(HEADER);
  const { messages } = await inbox.store('12', 'add', ['\\Deleted']);
  expect(messages[0]?.flags).toEqual(['\\Seen', '\\Deleted']);
  await imap.close();
  expect((await server).outcome).toBe('done');
});
