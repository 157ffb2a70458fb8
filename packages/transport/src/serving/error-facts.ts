/** What a log says of an error. */
export function errorFacts(error: unknown): { readonly error: string; readonly code?: string } {
  if (!(error instanceof Error)) return { error: 'unknown' };
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? { error: error.message, code } : { error: error.message };
}
