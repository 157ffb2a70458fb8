/** Processor time this process has used, in milliseconds. Unlike the clock, it stands still while others run. */
export function processorMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
