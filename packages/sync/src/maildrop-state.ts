import type { UidValidity } from '@posthorn/core';
import type { SeenMessage } from '@posthorn/pop3-client';

/** How far the target is known: every message up to this UID was there, or was stored, when that was remembered. */
export interface KnownTarget {
  readonly uidValidity: UidValidity;
  readonly upTo: number;
}

/** What is remembered of a POP3 maildrop. */
export interface MaildropState {
  /** The messages that were stored, by their keys. */
  readonly stored: ReadonlyMap<string, SeenMessage>;
  readonly target: KnownTarget | undefined;
}

/** What a sync learns about a POP3 maildrop. */
export type MaildropRecord =
  | { readonly type: 'stored'; readonly messages: readonly SeenMessage[]; readonly target?: KnownTarget | undefined }
  | { readonly type: 'forgotten'; readonly keys: readonly string[] };

/** Applies one step to what is known; the messages are kept in one map that changes. */
export function applyToMaildrop(known: MaildropState | undefined, step: MaildropRecord): MaildropState {
  const stored = (known?.stored ?? new Map()) as Map<string, SeenMessage>;
  if (step.type === 'forgotten') {
    for (const key of step.keys) stored.delete(key);
    return { stored, target: known?.target };
  }
  for (const message of step.messages) stored.set(message.key, message);
  return { stored, target: step.target ?? known?.target };
}
