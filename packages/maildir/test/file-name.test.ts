import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  arrivalSeconds,
  baseOf,
  compareArrival,
  infoOf,
  isVerbatim,
  sizeField,
  withLetters,
} from '../src/format/file-name.ts';
import { escapeHost, isOurName, UniqueNames } from '../src/format/unique-name.ts';
import { settingsOf } from '../src/settings.ts';

describe('names of message files', () => {
  it('have a base and flags', () => {
    const name = '1795239472.M205376P9946.vm,S=26,W=28:2,FSab';
    expect(baseOf(name)).toBe('1795239472.M205376P9946.vm,S=26,W=28');
    expect(infoOf(name)).toEqual({ letters: 'FSab', rest: '', separator: ':' });
    expect([sizeField(name, ',S='), sizeField(baseOf(name), ',W=')]).toEqual([26, 28]);
  });

  it('keep unknown letters and sets behind the flags (P7)', () => {
    expect(infoOf('1.a:2,PS,foo,bar')).toEqual({ letters: 'PS', rest: ',foo,bar', separator: ':' });
    expect(withLetters('1.a:2,PS,foo,bar', 'FPS', ':')).toBe('1.a:2,FPS,foo,bar');
    expect(withLetters('1.a', 'S', ':')).toBe('1.a:2,S');
  });

  it('read the separators of file systems without a colon, and keep the one they find (P8)', () => {
    for (const separator of [';', '!'] as const) {
      expect(baseOf(`1.a${separator}2,S`)).toBe('1.a');
      expect(infoOf(`1.a${separator}2,S`)).toEqual({ letters: 'S', rest: '', separator });
      expect(withLetters(`1.a${separator}2,S`, 'FS', ':')).toBe(`1.a${separator}2,FS`);
    }
    expect(withLetters('1.a', 'S', ';')).toBe('1.a;2,S');
  });

  it('set no flags by text that is no list of letters', () => {
    expect(infoOf('kit:2,S.T').letters).toBe('');
    expect(withLetters('kit:2,S.T', 'F', ':')).toBe('kit:2,F,S.T');
    expect(infoOf('1.a:1,ST')).toEqual({ letters: '', rest: ',1,ST', separator: ':' });
  });

  it('tell no size when the digits do not end', () => {
    for (const base of ['1.a,S=', '1.a,S=x', '1.a,S=12x', '1.a,S=-1', '1.a,S=99999999999999999999', '1.a']) {
      expect(sizeField(base, ',S=')).toBeUndefined();
    }
    expect(sizeField('1.a,S=12,X=3', ',S=')).toBe(12);
  });

  it('mark what is given as it is', () => {
    expect(isVerbatim('1.a,S=1,W=2,B=1')).toBe(true);
    expect(isVerbatim('1.a,S=1,B=1,U=7')).toBe(true);
    expect(isVerbatim('1.a,S=1,B=12')).toBe(false);
    expect(isVerbatim('1.a')).toBe(false);
  });

  it('order messages as they came', () => {
    const sorted = ['2.M1.a', '1.M20.a', '1.M3.b', '1.M3.a', 'x'].sort(compareArrival);
    expect(sorted).toEqual(['x', '1.M3.a', '1.M3.b', '1.M20.a', '2.M1.a']);
    expect(arrivalSeconds('1795239472.M1.vm')).toBe(1_795_239_472);
    expect(arrivalSeconds('cur')).toBeUndefined();
  });

  it('survive any change of flags with their base (P5)', () => {
    const letters = fc.string({ unit: fc.constantFrom(...'DFRSTPabz'), maxLength: 5 });
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9A-Za-z.,=_-]{1,40}$/), letters, letters, (base, one, other) => {
        const name = withLetters(withLetters(base, one, ':'), other, ':');
        expect([baseOf(name), infoOf(name).letters]).toEqual([base, other]);
      }),
    );
  });
});

describe('unique names', () => {
  const settings = settingsOf({
    clock: () => 1_795_239_472_205,
    random: (length) => new Uint8Array(length).fill(0xab),
  });

  it('differ when clock and randomness stand still, and ascend', () => {
    const unique = new UniqueNames(settings);
    const names = Array.from({ length: 1_000 }, () => unique.next());
    expect(new Set(names).size).toBe(1_000);
    expect([...names].sort(compareArrival)).toEqual(names);
    expect(names.every(isOurName)).toBe(true);
    expect(names[0]).toMatch(/^1795239472\.M205000P\d+Rabababababababab/);
  });

  it('hold a host that cannot be misread', () => {
    expect(escapeHost('a/b:c,d e')).toBe('a\\057b\\072c\\054d\\040e');
    expect(escapeHost('')).toBe('localhost');
    expect(escapeHost('h'.repeat(300)).length).toBe(64);
  });
});
