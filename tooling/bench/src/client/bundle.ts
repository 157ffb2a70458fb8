import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const SOURCES = fileURLToPath(new URL('./', import.meta.url));
const TARGET = fileURLToPath(new URL('../../dist/client/', import.meta.url));

/**
 * Makes a file of each client, with all that it loads when it starts. What people load later, such as proxies, lies beside
 * them, as it does in what is published.
 * @returns The file of a client.
 */
export async function bundleClients(clients: readonly string[]): Promise<(client: string) => string> {
  await build({
    entryPoints: clients.map((client) => join(SOURCES, `${client}.ts`)),
    outdir: TARGET,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@posthorn/source'],
    logLevel: 'warning',
  });
  return (client) => join(TARGET, `${client}.js`);
}
