import type { UidSet } from '@posthorn/core';
import type { MessageReference } from '../mailbox/message-selection.ts';
import type { FetchedMessage, FetchQuery } from './fetch-query.ts';

/** A mailbox as those see it who read messages and make something of them. */
export interface MessageReader {
  fetch<const Query extends FetchQuery>(
    messages: MessageReference,
    query: Query,
    options: { readonly signal?: AbortSignal | undefined },
  ): AsyncIterable<FetchedMessage<Query>>;
  search(signal: AbortSignal | undefined): Promise<UidSet>;
}
