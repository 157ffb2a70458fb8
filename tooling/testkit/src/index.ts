/**
 * Split feeding, transcripts, scripted peers and the search for programs, for tests.
 * @module
 */
export { findProgram, isMandatory, missingProgram } from './availability.ts';
export { collect, outcome } from './outcome.ts';
export { type Faults, type Played, type PlayOptions, playClient, playServer, TranscriptMismatchError } from './play.ts';
export {
  type HostilePop3,
  LOGIN_ATTACKS,
  RESOURCE_ATTACKS,
  SESSION_ATTACKS,
  TLS_ATTACKS,
} from './pop3-hostile.ts';
export { type MaildropFaults, type ScriptedMail, ScriptedMaildrop } from './pop3-maildrop.ts';
export {
  POP3_CAPABILITIES,
  type Pop3Behaviour,
  Pop3Conversation,
  type Pop3Line,
  type Pop3PeerOptions,
  playPop3,
  sendThen,
} from './pop3-peer.ts';
export { pretendTls } from './pretend-tls.ts';
export { processorMilliseconds } from './processor-time.ts';
export { type ExampleRun, runExample } from './run-example.ts';
export { everySplit, octetByOctet, randomNumbers, randomSplits } from './splits.ts';
export { settle, TestTimers } from './test-timers.ts';
export { type Action, type Piece, parseTranscript, type Transcript, type TranscriptStep } from './transcript.ts';
export { UnhandledRejections } from './unhandled-rejections.ts';
