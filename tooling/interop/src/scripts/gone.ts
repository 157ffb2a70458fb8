import type { ImapScript } from '../imap-script.ts';

/** What a session is answered about messages that another one expunged, before it may be told so. */
export const GONE_SCRIPTS: readonly ImapScript[] = [
  {
    name: 'messages that are gone',
    mail: Array.from({ length: 6 }, (_, index) => `Subject: ${index + 1}\r\n\r\nbody ${index + 1}\r\n`),
    commands: String.raw`
      SELECT $box
      2: SELECT $box
      3: SELECT $box
      STORE 2,5 +FLAGS.SILENT (\Deleted)
      2: NOOP
      3: NOOP
      EXPUNGE
      2: SEARCH 1:3
      2: SEARCH ALL
      2: FETCH 1:6 UID
      2: FETCH 1,3 (BODY.PEEK[TEXT])
      2: STORE 1,3 +FLAGS (\Seen)
      2: STORE 1:3 +FLAGS (\Flagged)  # of what is gone nothing is told
      2: STORE 2 +FLAGS (\Flagged)
      2: STORE 1:2 +FLAGS.SILENT (\Draft)
      2: COPY 1:2 $box
      2: NOOP
      3: UID STORE 1:3 +FLAGS (\Answered)
      3: UID FETCH 1:* (FLAGS)
      3: UID SEARCH ALL
      NOOP
      FETCH 1:* (UID FLAGS)
      CHECK
      2: CHECK
    `,
  },
];
