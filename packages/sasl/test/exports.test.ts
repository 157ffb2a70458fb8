import { expect, it } from 'vitest';
import * as sasl from '../src/index.ts';

it('exports these names', () => {
  expect(Object.keys(sasl).sort()).toEqual([
    'anonymous',
    'anonymousServer',
    'chooseMechanism',
    'cramMd5',
    'cramMd5Server',
    'deriveScramKeys',
    'external',
    'externalServer',
    'login',
    'loginServer',
    'oauthBearer',
    'oauthBearerServer',
    'offeredMechanisms',
    'plain',
    'plainServer',
    'prepareText',
    'scram',
    'scramServer',
    'serverMechanism',
    'xoauth2',
    'xoauth2Server',
  ]);
});
