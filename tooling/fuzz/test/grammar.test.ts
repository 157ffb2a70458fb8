import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../src/command-grammar.ts';
import { Grammar } from '../src/grammar.ts';
import { Random } from '../src/random.ts';
import { RESPONSES } from '../src/response-grammar.ts';

describe('Grammar', () => {
  it('puts productions where their names stand', () => {
    const grammar = new Grammar({ start: ['a <b><0> <<b>>'], b: ['x'] });
    expect(grammar.make(new Random(1), 'start')).toBe('a x<0> <x>');
  });

  it('counts the octets of literals', () => {
    const grammar = new Grammar({ start: ['<literal:b> <literalPlus:b>'], b: ['a\r\nb'] });
    expect(grammar.make(new Random(1), 'start')).toBe('{4}\r\na\r\nb {4+}\r\na\r\nb');
  });

  it('refuses names without a production', () => {
    expect(() => new Grammar({ start: ['<nowhere>'] })).toThrow(TypeError);
  });

  it('ends', () => {
    const random = new Random(7);
    for (let count = 0; count < 2000; count++) {
      expect(RESPONSES.make(random, 'stream').length).toBeLessThan(100_000);
      expect(COMMANDS.make(random, 'stream').length).toBeLessThan(100_000);
    }
  });
});
