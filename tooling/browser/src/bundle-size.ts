import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { PURE_PACKAGES } from './pure-packages.ts';

export interface BundleSize {
  readonly name: (typeof PURE_PACKAGES)[number];
  /** Octets minified and compressed with gzip, of the package without other packages. */
  readonly alone: number;
  /** The same with the packages it imports. */
  readonly whole: number;
}

const PACKAGES = fileURLToPath(new URL('../../../packages/', import.meta.url));

/** What the built entry of each pure package costs a web page that uses all of it. */
export function bundleSizes(): Promise<readonly BundleSize[]> {
  return Promise.all(
    PURE_PACKAGES.map(async (name) => ({
      name,
      alone: await compressedSize(name, ['@posthorn/*']),
      whole: await compressedSize(name, []),
    })),
  );
}

async function compressedSize(name: string, external: string[]): Promise<number> {
  const { outputFiles } = await build({
    entryPoints: [`${PACKAGES}${name}/dist/index.js`],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    target: 'es2023',
    legalComments: 'none',
    external,
  });
  return gzipSync(outputFiles[0]!.contents, { level: 9 }).length;
}
