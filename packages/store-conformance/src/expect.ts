import { MailError, type StoreErrorCode } from '@posthorn/core';

/** A promise that the store did not keep. */
export class ConformanceError extends Error {
  override readonly name = 'ConformanceError';
}

/** @throws {@link ConformanceError} unless `condition` holds. */
export function expectThat(condition: boolean, claim: string): asserts condition {
  if (!condition) throw new ConformanceError(`expected that ${claim}`);
}

/** Compares plain values, sets, maps and octets by content. */
export function expectEqual(actual: unknown, expected: unknown, what: string): void {
  const [left, right] = [show(actual), show(expected)];
  if (left !== right) throw new ConformanceError(`${what}: expected ${right}, got ${left}`);
}

/** The `code` that a promise is rejected with. */
export async function expectRefusal(
  work: Promise<unknown>,
  codes: StoreErrorCode | readonly StoreErrorCode[],
  what: string,
): Promise<void> {
  const allowed: readonly string[] = typeof codes === 'string' ? [codes] : codes;
  const error = await rejectionOf(work, what);
  if (MailError.is(error) && allowed.includes(error.code)) return;
  throw new ConformanceError(`${what}: expected ${allowed.join(' or ')}, got ${describeError(error)}`, {
    cause: error,
  });
}

/** What a promise is rejected with. */
export async function rejectionOf(work: Promise<unknown>, what: string): Promise<unknown> {
  let value: unknown;
  try {
    value = await work;
  } catch (error) {
    return error;
  }
  throw new ConformanceError(`${what}: expected a rejection, got ${show(value)}`);
}

/** The value of a promise that must settle soon: a lost wake-up fails here and not by hanging. */
export async function soon<Value>(work: Promise<Value>, what: string, deadlineMs = 10_000): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ConformanceError(`${what}: nothing happened in ${deadlineMs} ms`)), deadlineMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function describeError(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : show(error);
}

/** A canonical text for a value: equal values have equal texts. */
export function show(value: unknown): string {
  if (value instanceof Uint8Array) return showBytes(value);
  if (value instanceof Uint32Array) return `[${value.join(',')}]`;
  if (typeof value === 'bigint') return `${value}n`;
  if (value instanceof Map) return show([...value]);
  if (value instanceof Set) return show([...value]);
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, each]) => each !== undefined);
    return `{${entries
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, each]) => `${key}: ${show(each)}`)
      .join(', ')}}`;
  }
  return value === undefined ? 'undefined' : JSON.stringify(value);
}

function showBytes(bytes: Uint8Array): string {
  let sum = 0;
  for (const octet of bytes) sum = (sum * 31 + octet) >>> 0;
  const start = [...bytes.subarray(0, 24)].map((octet) => octet.toString(16).padStart(2, '0')).join(' ');
  return `<${bytes.length} octets, checksum ${sum}: ${start}>`;
}
