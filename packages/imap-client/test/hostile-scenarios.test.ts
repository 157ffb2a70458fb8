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
  // Deadlines are real time, and on a machine that is busy an honest step may miss one.
  const options = { retry: 2 };
  test.each(scenarios.map((each) => [each.attack, each] as const))('%s', options, async (_attack, scenario) => {
    const { isRight, why, violations } = await playScenario(scenario);
    expect({ isRight, why, violations }).toEqual({ isRight: true, why: '', violations: [] });
  });
});
