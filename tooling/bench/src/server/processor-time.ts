import { readdir, readFile } from 'node:fs/promises';

/** Of the kernel's clock for processes, on all Linux there is. */
const TICKS_PER_SECOND = 100;

/** Seconds of processor time that a process, those it waited for, and those it still has used so far. */
export async function processorTime(pid: number): Promise<number> {
  const processes = new Map<number, { readonly parent: number; readonly ticks: number }>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'latin1').catch(() => '');
    // The name of a program may hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    processes.set(Number(name), { parent: Number(fields[1]), ticks });
  }
  const isBelow = (each: number | undefined): boolean =>
    each === pid || (each !== undefined && isBelow(processes.get(each)?.parent));
  let ticks = 0;
  for (const [each, process] of processes) if (isBelow(each)) ticks += process.ticks;
  return ticks / TICKS_PER_SECOND;
}
