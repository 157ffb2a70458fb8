const ASCII = /^[\x20-\x7e]*$/;
/** Beyond this a text is no name or password, and preparing it is only work for nothing. */
const MAX_CHARACTERS = 1024;

/**
 * Prepares a name or password for comparison with SASLprep. A text that SASLprep forbids is returned as it is, since
 * the other side can only have kept it so.
 * @see RFC 4013
 */
export async function prepareText(text: string): Promise<string> {
  if (ASCII.test(text) || text.length > MAX_CHARACTERS) return text;
  // Loaded when first needed: its tables cost more to load than everything else here, and most texts are ASCII.
  const { saslprep } = await import('@mongodb-js/saslprep');
  try {
    return saslprep(text, { allowUnassigned: true }) || text;
  } catch {
    return text;
  }
}

/** Whether {@link prepareText} has nothing to do. */
export function isPrepared(text: string): boolean {
  return ASCII.test(text);
}
