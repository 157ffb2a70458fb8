import { expect, it } from 'vitest';
import * as maildir from '../src/index.ts';

it('exports these names', () => {
  expect(Object.keys(maildir).sort()).toEqual(['deliver', 'maildirFromUrl', 'maildirPlace', 'openMaildir']);
});
