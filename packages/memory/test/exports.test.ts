import { expect, it } from 'vitest';
import * as main from '../src/index.ts';
import * as load from '../src/load.ts';

it('exports what it is known for', () => {
  expect(Object.keys(main)).toEqual(['memoryStore', 'restoreMemoryStore']);
  expect(Object.keys(load)).toEqual(['loadMail']);
});
