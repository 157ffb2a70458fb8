import type { InternalDate } from '@posthorn/core';
import fc from 'fast-check';

/** Dates whose year has four digits on the clock of any zone. */
export const anyDate: fc.Arbitrary<InternalDate> = fc.record({
  epochSeconds: fc.integer({ min: -62_166_000_000, max: 253_401_000_000 }),
  offsetMinutes: fc.oneof(fc.integer({ min: -5999, max: 5999 }), fc.constantFrom(0, 60, -480, 345)),
});
