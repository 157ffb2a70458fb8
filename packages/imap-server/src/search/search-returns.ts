import type { SearchReturn } from '@posthorn/wire/extensions';
import { bad, CommandRefused } from '../replies/replies.ts';

/**
 * Checks what a search is to return.
 * @throws {@link CommandRefused} BAD for return options that are not offered, or not together.
 */
export function checkReturns(
  isOffered: (capability: string) => boolean,
  returned: readonly SearchReturn[],
  what: 'SEARCH' | 'SORT',
): void {
  const extended = what === 'SEARCH' ? 'ESEARCH' : 'ESORT';
  if (!isOffered(extended)) throw new CommandRefused(bad('RETURN is not offered'));
  if (!returned.every(({ type }) => capabilitiesOf(type, what, extended).some(isOffered))) {
    throw new CommandRefused(bad('That return option is not offered'));
  }
  const windows = returned.filter(({ type }) => type === 'partial' || type === 'all');
  if (windows.length > 1 && windows.some(({ type }) => type === 'partial')) {
    throw new CommandRefused(bad('Only one PARTIAL, and none beside ALL'));
  }
}

/** Those of which one must be offered. */
function capabilitiesOf(type: SearchReturn['type'], what: 'SEARCH' | 'SORT', extended: string): readonly string[] {
  switch (type) {
    case 'save':
      return ['SEARCHRES'];
    case 'partial':
      return ['PARTIAL', `CONTEXT=${what}`];
    case 'context':
    case 'update':
      return [`CONTEXT=${what}`];
    case 'relevancy':
      return [];
    default:
      return [extended];
  }
}
