/**
 * Split feeding, transcripts, scripted peers and the search for programs, for tests.
 * @module
 */
export { findProgram, isMandatory, missingProgram } from './availability.ts';
export { type Faults, type Played, type PlayOptions, playClient, playServer, TranscriptMismatchError } from './play.ts';
export { processorMilliseconds } from './processor-time.ts';
export { everySplit, octetByOctet, randomNumbers, randomSplits } from './splits.ts';
export { type Action, type Piece, parseTranscript, type Transcript, type TranscriptStep } from './transcript.ts';
