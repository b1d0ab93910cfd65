import process from 'node:process';

/**
 * CPU time of this thread during a request to a server in this process, in milliseconds: an upper
 * bound on the time for which the event loop is blocked, whatever else the machine does. The least
 * of two runs, because a run may include a garbage collection or the compilation of code.
 */
export async function cpuMsOf(send: (run: number) => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (const run of [1, 2]) {
    const before = process.threadCpuUsage();
    await send(run);
    const { user, system } = process.threadCpuUsage(before);
    times.push((user + system) / 1000);
  }
  return Math.min(...times);
}
