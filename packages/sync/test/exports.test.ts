import { expect, it } from 'vitest';
import * as main from '../src/index.ts';

it('exports what it is known for', () => {
  expect(Object.keys(main).toSorted()).toEqual([
    'NO_COUNTS',
    'PairTable',
    'accountSource',
    'fileState',
    'imapSource',
    'memoryState',
    'pull',
    'pullMaildrop',
  ]);
});
