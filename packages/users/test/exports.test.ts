import { expect, test } from 'vitest';
import * as users from '../src/index.ts';

test('the public names', () => {
  expect(Object.keys(users).sort()).toEqual([
    'UsersError',
    'addUser',
    'changePassword',
    'listUsers',
    'openUsers',
    'removeUser',
  ]);
});
