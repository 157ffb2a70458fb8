import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { PURE_PACKAGES } from './pure-packages.ts';

export interface Site {
  readonly url: string;
  close(): Promise<void>;
}

const SOURCES = fileURLToPath(new URL('./', import.meta.url));
const PACKAGES = fileURLToPath(new URL('../../../packages/', import.meta.url));
const TRANSCRIPT = fileURLToPath(new URL('../fixtures/transcript.txt', import.meta.url));

const IMPORTS = Object.fromEntries(
  PURE_PACKAGES.map((name) => [`@posthorn/${name}`, `/packages/${name}/dist/index.js`]),
);
const PAGE = `<!doctype html>
<meta charset="utf-8">
<title>Posthorn</title>
<link rel="icon" href="data:,">
<script type="importmap">${JSON.stringify({ imports: IMPORTS })}</script>
<script type="module" src="/page.js"></script>
`;

/** Serves the page and what the packages publish, on loopback. */
export async function serve(): Promise<Site> {
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    const file = fileOf(path);
    if (path === '/') response.setHeader('content-type', 'text/html').end(PAGE);
    else if (file === undefined) response.writeHead(404).end();
    else {
      response.setHeader('content-type', file.endsWith('.js') ? 'text/javascript' : 'text/plain');
      createReadStream(file).pipe(response);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Only what the page needs: itself, and the built files of the packages. */
function fileOf(path: string): string | undefined {
  const [, name, rest] = /^\/packages\/([a-z-]+)\/dist\/([\w.-]+\.js)$/.exec(path) ?? [];
  const isBuilt = name !== undefined && (PURE_PACKAGES as readonly string[]).includes(name);
  const file = isBuilt ? `${PACKAGES}${name}/dist/${rest}` : path === '/page.js' ? `${SOURCES}page.js` : TRANSCRIPT;
  const isServed = isBuilt || path === '/page.js' || path === '/transcript.txt';
  return isServed && existsSync(file) ? file : undefined;
}
