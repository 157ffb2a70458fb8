import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BodyMemory } from '../src/session/body-memory.ts';

const steps = fc.array(
  fc.record({
    session: fc.nat(2),
    length: fc.oneof(fc.nat(2_000), fc.nat(200_000)),
    isSent: fc.boolean(),
  }),
  { maxLength: 60 },
);

test('memory is nobody else’s until what is in it was sent', () => {
  fc.assert(
    fc.property(steps, (taken) => {
      const sessions = [new BodyMemory(), new BodyMemory(), new BodyMemory()];
      const held: { readonly mark: number; readonly bytes: Uint8Array }[][] = [[], [], []];
      taken.forEach(({ session, length, isSent }, mark) => {
        const bytes = sessions[session]!.allocate(length).fill(mark);
        expect(bytes).toHaveLength(length);
        held[session]!.push({ mark, bytes });
        for (const each of held.flat()) expect(each.bytes.every((octet) => octet === each.mark)).toBe(true);
        if (!isSent) return;
        sessions[session]!.recycle();
        held[session] = [];
      });
    }),
    { numRuns: 30 },
  );
});

test('memory is used again', () => {
  const [first, second] = [new BodyMemory(), new BodyMemory()];
  const { buffer } = first.allocate(100);
  expect(first.allocate(100).buffer).toBe(buffer);
  first.recycle();
  expect(second.allocate(100).buffer).toBe(buffer);
  expect(first.allocate(100).buffer).not.toBe(buffer);
});
