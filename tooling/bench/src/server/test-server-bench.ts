import { fork } from 'node:child_process';
import { once } from 'node:events';
import { bundleContender } from '../contenders.ts';
import type { BenchContext } from './bench.ts';
import { median, percentile } from './figures.ts';

const LOGINS = 100;

/** What a test pays for its server: the start, and each connection with its login. */
export async function testServerBench({ load, rounds }: BenchContext): Promise<string> {
  const file = await bundleContender('server/test-server-process');
  const starts: number[] = [];
  const firsts: number[] = [];
  const latencies: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const child = fork(file, { execArgv: [] });
    const ended = once(child, 'exit');
    const [{ port, milliseconds }] = (await once(child, 'message')) as [{ port: number; milliseconds: number }];
    starts.push(milliseconds);
    const login = { type: 'login', ports: [port], user: 'test', password: 'test' } as const;
    const { latencies: first } = await load.run({ ...login, times: 1 });
    firsts.push(...first);
    latencies.push(...(await load.run({ ...login, times: LOGINS })).latencies);
    child.disconnect();
    await ended;
  }
  latencies.sort((left, right) => left - right);
  const range = (values: readonly number[]): string =>
    `${median(values).toFixed(1)} | ${Math.min(...values).toFixed(1)} to ${Math.max(...values).toFixed(1)}`;
  return [
    `### The test server, ${rounds} starts`,
    '',
    '|  | ms, median | range |',
    '| --- | ---: | ---: |',
    `| start to listening, after the import | ${range(starts)} |`,
    `| first connection and login | ${range(firsts)} |`,
    `| connection and login, ${latencies.length} times (p99 ${percentile(latencies, 0.99).toFixed(1)}) | ${range(latencies)} |`,
    '',
  ].join('\n');
}
