import type { BodyStructure, Envelope } from '@posthorn/core';
import { MessageScanner } from '@posthorn/mime';
import type { MessageContent } from './message-content.ts';

/** What `@posthorn/mime` found in a message. */
export interface MessageStructure {
  readonly envelope: Envelope;
  readonly bodyStructure: BodyStructure;
  readonly references: string | undefined;
}

const MAX_ENTRIES = 10_000;

/** Envelopes and body structures, computed when first asked for; the least recently used are forgotten. */
export class StructureCache {
  readonly #entries = new Map<MessageContent, MessageStructure>();

  get(content: MessageContent): MessageStructure {
    const structure = this.#entries.get(content) ?? scan(content);
    this.#entries.delete(content);
    this.#entries.set(content, structure);
    if (this.#entries.size > MAX_ENTRIES) this.#forgetOldest();
    return structure;
  }

  #forgetOldest(): void {
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}

function scan(content: MessageContent): MessageStructure {
  const scanner = new MessageScanner();
  for (const block of content.blocks) scanner.push(block);
  const { envelope, bodyStructure, references } = scanner.finish();
  return { envelope, bodyStructure, references };
}
