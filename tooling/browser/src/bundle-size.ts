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

/** What the main entry of each pure package costs a web page that uses all of it. */
export function bundleSizes(): Promise<readonly BundleSize[]> {
  return Promise.all(
    PURE_PACKAGES.map(async (name) => ({
      name,
      alone: await compressedSize(name, ['@posthorn/*']),
      whole: await compressedSize(name, []),
    })),
  );
}

/** What programs import of the wire, by entry: nobody needs all of it at once. */
const WIRE_PARTS = {
  'IMAP client': {
    index: ['ResponseDecoder', 'encodeCommand', 'encodeDone', 'encodeSaslResponse', 'redactedText'],
    extensions: ['extensionCommand', 'readExtension'],
  },
  'IMAP server': {
    index: ['CommandDecoder', 'encodeResponse'],
    extensions: ['extensionResponse', 'readExtensionCommand'],
  },
  POP3: { pop3: ['*'] },
} as const;

export interface PartSize {
  readonly name: keyof typeof WIRE_PARTS;
  /** Octets minified and compressed with gzip, with all that is imported. */
  readonly whole: number;
}

/** What the parts of the wire cost that a client, a server and POP3 import. */
export function wirePartSizes(): Promise<readonly PartSize[]> {
  const names = Object.keys(WIRE_PARTS) as (keyof typeof WIRE_PARTS)[];
  return Promise.all(names.map(async (name) => ({ name, whole: await compressedSize('wire', [], WIRE_PARTS[name]) })));
}

async function compressedSize(
  name: string,
  external: string[],
  imported: Readonly<Record<string, readonly string[]>> = { index: ['*'] },
): Promise<number> {
  const contents = Object.entries(imported)
    .map(([entry, names]) => `export ${names[0] === '*' ? '*' : `{ ${names.join(', ')} }`} from './dist/${entry}.js';`)
    .join('\n');
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: `${PACKAGES}${name}` },
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
