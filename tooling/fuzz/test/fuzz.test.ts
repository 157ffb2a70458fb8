import { describe, expect, it } from 'vitest';
import { FuzzFailure, fuzz } from '../src/fuzz.ts';
import { octetsOf } from '../src/octets.ts';
import { octetsTarget } from '../src/octets-target.ts';
import { Random } from '../src/random.ts';
import { TARGETS } from '../src/targets.ts';

const SEED = 20_240_601;

describe('20,000 inputs', () => {
  it('end in events, diagnostics or a MailError, alike however they are cut, and survive encoding', () => {
    const report = fuzz({ targets: TARGETS, inputs: 20_000, seed: SEED });
    expect(report.inputs).toBeGreaterThanOrEqual(20_000);
    expect(report.octets).toBeGreaterThan(1_000_000);
  }, 120_000);

  it('depend on the seed alone', () => {
    for (const target of TARGETS) {
      for (let seed = 0; seed < 50; seed++)
        expect(target.trial(new Random(seed)).describe()).toBe(target.trial(new Random(seed)).describe());
    }
  });
});

describe('a decoder with a fault', () => {
  const broken = octetsTarget({
    name: 'broken',
    seeds: [octetsOf('a long input with a }} in it')],
    check: (input) => {
      if (input.filter((octet) => octet === 0x7d).length >= 2) throw new TypeError('oops');
    },
  });

  it('is found, with the seed, the smallest input and how to try it again', () => {
    expect(() => fuzz({ targets: [broken], inputs: 0, seed: 5 })).toThrow(FuzzFailure);
    expect(() => fuzz({ targets: [broken], inputs: 0, seed: 5 })).toThrow(
      /TypeError: oops[\s\S]*smallest that fails: "}}"\nagain: POSTHORN_FUZZ_SEED=5 POSTHORN_FUZZ_ONLY=broken:kept:0 pnpm fuzz/,
    );
  });

  it('fails again with that name, and only that is tried', () => {
    expect(() => fuzz({ targets: [broken], inputs: 100, seed: 5, only: 'broken:kept:0' })).toThrow(FuzzFailure);
    expect(fuzz({ targets: TARGETS, inputs: 100, seed: 5, only: 'sets:4' }).inputs).toBe(1);
    expect(() => fuzz({ targets: TARGETS, inputs: 100, seed: 5, only: 'nothing:4' })).toThrow(RangeError);
  });

  it('that hangs is found', () => {
    const slow = octetsTarget({
      name: 'slow',
      seeds: [octetsOf('x')],
      check: () => {
        for (const end = performance.now() + 60; performance.now() < end; );
      },
    });
    expect(() => fuzz({ targets: [slow], inputs: 0, seed: 5 })).toThrow(/ms per KiB/);
  });

  it('that keeps what it read is found', () => {
    const kept: Uint8Array[] = [];
    const leaking = octetsTarget({
      name: 'leaking',
      seeds: [octetsOf('x')],
      check: () => void kept.push(new Uint8Array(2 ** 20)),
    });
    expect(() => fuzz({ targets: [leaking], inputs: 100, seed: 5 })).toThrow(/heap grew/);
  });
});
