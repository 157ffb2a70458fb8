/**
 * Split feeding, transcripts and scripted peers for tests.
 * @module
 */
export { type Faults, type Played, type PlayOptions, playClient, playServer, TranscriptMismatchError } from './play.ts';
export { everySplit, octetByOctet, randomNumbers, randomSplits } from './splits.ts';
export { type Action, type Piece, parseTranscript, type Transcript, type TranscriptStep } from './transcript.ts';
