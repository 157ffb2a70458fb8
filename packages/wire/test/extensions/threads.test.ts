import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extensionResponse, readExtension, type ThreadNode } from '../../src/extensions.ts';
import { readExtensionData } from '../round-trip.ts';

const leaf = (number: number): ThreadNode => ({ number, children: [] });

describe('THREAD', () => {
  it.each<[string, readonly ThreadNode[], readonly string[]]>([
    [
      '(2((7)))',
      [{ number: 2, children: [{ number: null, children: [leaf(7)] }] }],
      ['QUIRK_MISSING_SPACE', 'QUIRK_SINGLE_NESTED_THREAD', 'QUIRK_SINGLE_NESTED_THREAD'],
    ],
    ['(2 (7))', [{ number: 2, children: [leaf(7)] }], ['QUIRK_SINGLE_NESTED_THREAD']],
    ['(2(7)(8))', [{ number: 2, children: [leaf(7), leaf(8)] }], ['QUIRK_MISSING_SPACE']],
    ['(2 )(3)', [leaf(2), leaf(3)], ['QUIRK_EXTRA_SPACE']],
    ['(2) (3)', [leaf(2), leaf(3)], ['QUIRK_EXTRA_SPACE']],
    ['((3) (5))', [{ number: null, children: [leaf(3), leaf(5)] }], ['QUIRK_EXTRA_SPACE']],
  ])('reads %s and says what is wrong', (text, threads, ids) => {
    const data = readExtensionData(`THREAD ${text}`);
    expect(data).toMatchObject({ type: 'thread', threads });
    expect(data !== undefined && 'diagnostics' in data && data.diagnostics?.map(({ id }) => id)).toEqual(ids);
  });

  it('says where the thread stands that is alone in parentheses', () => {
    expect(readExtensionData('THREAD (2 (7))')).toMatchObject({ diagnostics: [{ offset: 3 }] });
  });

  it('finds nothing wrong with what was sent', () => {
    const { thread } = fc.letrec<{ thread: ThreadNode }>((tie) => ({
      thread: fc.record({
        number: fc.integer({ min: 1, max: 4294967295 }),
        children: fc.oneof({ maxDepth: 5 }, fc.constant([]), fc.array(tie('thread'), { maxLength: 3 })),
      }),
    }));
    fc.assert(
      fc.property(fc.array(thread, { maxLength: 4 }), (threads) => {
        expect(readExtension(extensionResponse({ type: 'thread', threads }))).toEqual({ type: 'thread', threads });
      }),
    );
  });
});
