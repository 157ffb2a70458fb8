/**
 * An in-process mail server for the tests of programs that talk to mail servers.
 * @module
 */
export type { TestUser } from './authenticate.ts';
export type { TestClock } from './clock.ts';
export type { AttachmentDraft, MessageDraft } from './compose-message.ts';
export type { Fault, FaultAction, FaultPoint, InjectedFault, Protocol } from './faults.ts';
export type { MailboxFixture, MailboxFixtures, MessageFixture, StoredMessage } from './fixtures.ts';
export type { Pop3Options, TestServerOptions, UserFixture } from './options.ts';
export { PROFILES, type ProfileName, type ServerProfile } from './profiles.ts';
export { startTestServer } from './start-test-server.ts';
export type { TestServer } from './test-server.ts';
export type { TranscriptEntry } from './transcript.ts';
