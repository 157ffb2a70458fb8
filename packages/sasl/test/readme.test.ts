import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import * as sasl from '../src/index.ts';
import { ALICE, authenticator as strict } from './authenticator.ts';

const Run = Object.getPrototypeOf(async () => {}).constructor as FunctionConstructor;
const authenticator = {
  checkPassword: async (user: string, password: string) =>
    user === 'alice' && password === 'secret' ? ALICE : undefined,
};

/** An example of the README, to be called with what it uses. */
async function example(
  index: number,
  ...names: readonly string[]
): Promise<(...values: unknown[]) => Promise<unknown>> {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const code = [...readme.matchAll(/```ts\n(.*?)```/gs)][index]![1]!;
  const body = code.replace(/^import .*$/gm, '').replaceAll(' as const', '');
  return Run(...names, body) as never;
}

it('runs the example of a client', async () => {
  const run = await example(0, 'chooseMechanism', 'exchange');
  let name: string | undefined;
  const exchange = async (
    mechanism: string,
    initialResponse: Uint8Array,
    respond: (challenge: Uint8Array) => Promise<Uint8Array>,
  ): Promise<void> => {
    name = mechanism;
    const keys = await sasl.deriveScramKeys('secret', { hash: 'SHA-256', iterations: 4096 });
    const able = { ...strict, scramKeys: async () => keys, authorize: async () => ALICE };
    const server = sasl.serverMechanism(mechanism, {
      authenticator: able,
      context: { protocol: 'imap', security: 'tls' },
    })!;
    let step = await server.step(initialResponse);
    while (step.type === 'challenge') step = await server.step(await respond(step.data));
    expect(step).toEqual({ type: 'success', account: ALICE });
  };
  await run(sasl.chooseMechanism, exchange);
  expect(name).toBe('SCRAM-SHA-256');
});

it('runs the example of a server', async () => {
  const run = await example(1, 'offeredMechanisms', 'serverMechanism', 'authenticator', 'console');
  const logged: unknown[] = [];
  const steps: unknown[] = [];
  const serverMechanism: typeof sasl.serverMechanism = (name, options) => {
    const mechanism = sasl.serverMechanism(name, options)!;
    const step: typeof mechanism.step = async (response) => {
      const taken = await mechanism.step(response);
      steps.push(taken);
      return taken;
    };
    return { name, step };
  };
  await run(sasl.offeredMechanisms, serverMechanism, authenticator, { log: (value: unknown) => logged.push(value) });
  expect(logged).toEqual([['PLAIN', 'LOGIN']]);
  expect(steps).toEqual([{ type: 'success', account: ALICE }]);
});
