import { expect, test } from 'vitest';
import { type Address, addressSpec, groupAddresses } from '../src/index.ts';

const address = (mailbox: string | null, host: string | null): Address => ({ name: null, route: null, mailbox, host });
const pete = address('pete', 'silly.test');
const chris = address('c', 'public.example');
const start = address('A Group', null);
const end = address(null, null);

test('runs between group markers become groups (RFC 9051 section 7.5.2)', () => {
  expect(groupAddresses([pete, start, chris, pete, end, chris])).toEqual([
    pete,
    { group: 'A Group', members: [chris, pete] },
    chris,
  ]);
});

test('groups may be empty, left open, closed twice, or begun inside another', () => {
  expect(groupAddresses([])).toEqual([]);
  expect(groupAddresses([start, end, end, pete])).toEqual([{ group: 'A Group', members: [] }, pete]);
  expect(groupAddresses([start, pete])).toEqual([{ group: 'A Group', members: [pete] }]);
  expect(groupAddresses([start, pete, address('B', null), chris])).toEqual([
    { group: 'A Group', members: [pete] },
    { group: 'B', members: [chris] },
  ]);
});

test('an address is written local@domain, a marker not at all', () => {
  expect(addressSpec(pete)).toBe('pete@silly.test');
  expect(addressSpec(address('', ''))).toBe('@');
  expect([start, end].map(addressSpec)).toEqual([undefined, undefined]);
});
