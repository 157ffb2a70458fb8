/**
 * Every attack that the bench of reliability counts, with its outcome: the default options against a server that means
 * harm, over TCP and TLS.
 */
import { describe, expect, test } from 'vitest';
import { DATA_SCENARIOS } from '../bench/hostile/data-scenarios.ts';
import { playScenario } from '../bench/hostile/scenario.ts';
import { TLS_SCENARIOS } from '../bench/hostile/tls-scenarios.ts';

test('there are more than ninety attacks, each with a name of its own', () => {
  const names = [...TLS_SCENARIOS, ...DATA_SCENARIOS].map(({ attack }) => attack);
  expect(names.length).toBeGreaterThan(90);
  expect(new Set(names).size).toBe(names.length);
});

describe.concurrent.each([
  ['before and during the login', TLS_SCENARIOS],
  ['after it', DATA_SCENARIOS],
])('%s', (_, scenarios) => {
  test.each(scenarios.map((scenario) => [scenario.attack, scenario] as const))('%s', async (_attack, scenario) => {
    const { isRight, why, violations } = await playScenario(scenario);
    expect({ isRight, why, violations }).toEqual({ isRight: true, why: '', violations: [] });
  });
});
