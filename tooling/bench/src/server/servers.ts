import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { startDovecot } from '@posthorn/interop';
import { bundleContender } from '../contenders.ts';
import type { Account } from './load.ts';
import type { MailPlan } from './mail.ts';
import type { MemoryReport } from './posthorn-process.ts';
import { processorTime } from './processor-time.ts';

export const LOGIN = { user: 'bench', password: 'nosecretatall' } as const;

/** A server that runs, under load or not. */
export interface Server {
  readonly name: string;
  readonly account: Account;
  /** Seconds of processor time it used so far, with all its processes. */
  processor(): Promise<number>;
  stop(): Promise<void>;
}

/** Ours, in one process or several. */
export interface Posthorn extends Server {
  /** Memory of the first process, after a collection of garbage. */
  memory(): Promise<MemoryReport>;
  /** Octets that the first process held at most since `resetPeak`. */
  peak(): Promise<number>;
  resetPeak(): Promise<void>;
}

/** A Dovecot over a copy of a Maildir. It waits for the disk when we do: `mail_fsync` is `optimized`, its default. */
export async function dovecotOver(source: string, folder: string): Promise<Server> {
  const maildir = join(folder, 'mail');
  await mkdir(folder);
  await copyMaildir(source, maildir);
  const dovecot = await startDovecot({
    folder,
    maildir,
    ...LOGIN,
    settings: 'service imap-login {\n  process_limit = 400\n}\n',
  });
  const pid = Number(await readFile(join(folder, 'run', 'master.pid'), 'utf8'));
  return {
    name: 'Dovecot',
    account: { ports: [dovecot.imapPort], ...LOGIN },
    processor: () => processorTime(pid),
    stop: () => dovecot.stop(),
  };
}

/** Our server over a copy of a Maildir, in one process or as many as there are processors. */
export async function posthornOver(source: string, folder: string, processes = 1): Promise<Posthorn> {
  await copyMaildir(source, folder);
  const name = processes === 1 ? 'Posthorn' : `Posthorn, ${processes} processes`;
  return startPosthorn(name, ['maildir', folder], processes);
}

export const PROCESSORS: number = availableParallelism();

/** Our server over mail in memory. */
export function posthornInMemory(plan: MailPlan): Promise<Posthorn> {
  return startPosthorn('Posthorn in memory', ['memory', JSON.stringify(plan)], 1);
}

async function startPosthorn(name: string, args: readonly string[], processes: number): Promise<Posthorn> {
  const file = await bundleContender('server/posthorn-process');
  const children: ChildProcess[] = [];
  const ports: number[] = [];
  // One after the other: the first makes what all of them need.
  while (children.length < processes) {
    const profile = process.env['BENCH_PROFILE'] === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir=dist/profiles'];
    const execArgv = ['--expose-gc', '--enable-source-maps', ...profile];
    const child = fork(file, [...args, LOGIN.user, LOGIN.password], { execArgv });
    const [port] = (await once(child, 'message')) as [number];
    children.push(child);
    ports.push(port);
  }
  const [first] = children as [ChildProcess];
  return {
    name,
    account: { ports, ...LOGIN },
    processor: async () => {
      const times = await Promise.all(children.map(({ pid }) => processorTime(pid!)));
      return times.reduce((sum, time) => sum + time, 0);
    },
    memory: async () => {
      first.send('memory');
      const [report] = (await once(first, 'message')) as [MemoryReport];
      return report;
    },
    peak: async () => {
      const status = await readFile(`/proc/${first.pid}/status`, 'utf8');
      return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
    },
    resetPeak: () => writeFile(`/proc/${first.pid}/clear_refs`, '5'),
    stop: async () => {
      for (const child of children) {
        const ended = once(child, 'exit');
        child.disconnect();
        await ended;
      }
    },
  };
}

/** Mail alone: neither server finds what the other wrote beside it. */
function copyMaildir(from: string, to: string): Promise<void> {
  return cp(from, to, {
    recursive: true,
    preserveTimestamps: true,
    filter: (path) => !path.endsWith('/posthorn-index'),
  });
}
