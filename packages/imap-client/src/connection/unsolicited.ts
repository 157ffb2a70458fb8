import { type Logger, printable } from '@posthorn/core';
import type { ExtensionData } from '@posthorn/wire/extensions';
import type { UntaggedEvent } from './client-events.ts';
import { typedAnswer } from './typed-answer.ts';

/** Hears what no command asked for. What it throws is logged, and goes no further. */
export type UnsolicitedHook = (event: UntaggedEvent | ExtensionData) => void;

/** Passes on what no command asked for, and logs alerts, which RFC 9051 section 7.1 wants people to see. */
export function tellUnsolicited(logger: Logger, hook: UnsolicitedHook | undefined): (event: UntaggedEvent) => void {
  return (event) => {
    if (event.type === 'status' && event.code?.type === 'atom' && event.code.name === 'ALERT') {
      logger.warn('alert from the server', { text: printable(event.text, 500) });
    }
    try {
      hook?.(typedAnswer(event) as UntaggedEvent | ExtensionData);
    } catch (error) {
      logger.error('the hook for unsolicited answers failed', { reason: String(error) });
    }
  };
}
