/**
 * SORT and THREAD over plain values, for a server and for a client whose server cannot.
 * @module
 */
export { type BaseSubject, baseSubject } from './base-subject.ts';
export { asciiCasemap, type Casemap, unicodeCasemap } from './casemap.ts';
export { displayName, type MessageFields, type Moment, type SortableMessage, sortableMessage } from './message.ts';
export { parseMessageId, parseMessageIds } from './message-id.ts';
export { type CollationOptions, type SortCriterion, type SortKey, sortMessages } from './sort.ts';
export { type ThreadAlgorithm, type ThreadOptions, threadMessages } from './thread-messages.ts';
export type { ThreadNode } from './thread-node.ts';
