import { type EmailId, type NewMessage, untilAborted } from '@posthorn/core';
import { ContentWriter, type MessageContent } from './message-content.ts';

/** Reads a body whole. An abort stops the wait at once, also when the body never goes on. */
export async function stageBody(
  { body }: NewMessage,
  emailId: () => EmailId,
  signal: AbortSignal | undefined,
): Promise<MessageContent> {
  const writer = new ContentWriter();
  for await (const chunk of untilAborted(body, signal)) writer.write(chunk);
  return writer.finish(emailId());
}
