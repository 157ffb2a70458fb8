import { connect, createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** Ports of loopback that were free a moment ago, all different. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => {
            const address = server.address();
            if (typeof address === 'object' && address !== null) resolve(address.port);
            else reject(new Error('no port'));
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Waits until servers on these ports send a greeting. @throws Error with the log, when they do not in 30 seconds */
export async function untilTheyGreet(
  ports: readonly number[],
  { hasEnded, log }: { readonly hasEnded: () => boolean; readonly log: () => Promise<string> },
): Promise<void> {
  for (const port of ports) {
    for (let waited = 0; !(await greets(port)); waited += 100) {
      if (hasEnded() || waited > 30_000) throw new Error(`no greeting on port ${port}: ${await log()}`);
      await wait(100);
    }
  }
  // Somebody else may have taken a port in between, and greet there.
  if (hasEnded()) throw new Error(`the server has ended: ${await log()}`);
}

function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const answer = (greeted: boolean): void => {
      socket.destroy();
      resolve(greeted);
    };
    socket.setTimeout(5_000, () => answer(false));
    socket.once('error', () => answer(false));
    socket.once('data', () => answer(true));
  });
}
