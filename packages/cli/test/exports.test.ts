import { expect, it } from 'vitest';
import * as main from '../src/index.ts';

it('exports what it is known for', () => {
  expect(Object.keys(main).toSorted()).toEqual(['EXIT', 'UsageError', 'describeFailure', 'main', 'stores']);
});
