import type { ResponseEvent } from '@posthorn/wire';
import { type ExtensionData, readExtension } from '@posthorn/wire/extensions';

/** An answer, read as far as it is known here. */
export function typedAnswer(event: ResponseEvent): ResponseEvent | ExtensionData {
  if (event.type !== 'unknown') return event;
  const data = readExtension(event);
  return data === undefined || data.type === 'malformed' ? event : data;
}
