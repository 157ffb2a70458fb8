import { describe, expect, it } from 'vitest';
import { findProgram } from '../src/index.ts';

describe('findProgram', () => {
  it('finds the first name that is installed', () => {
    expect(findProgram(['no-such-program-anywhere', 'node'])).toMatch(/node$/);
    expect(findProgram(['no-such-program-anywhere'])).toBeUndefined();
  });
});
