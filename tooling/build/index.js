import { defineConfig } from 'tsup';

/** The tsup configuration of every package: one ESM bundle with its types for each entry. */
export function packageBuild(options = {}) {
  return defineConfig({
    entry: ['src/index.ts'],
    format: 'esm',
    target: 'node20.19',
    platform: 'neutral',
    tsconfig: 'tsconfig.build.json',
    dts: true,
    sourcemap: true,
    clean: true,
    splitting: true,
    treeshake: true,
    esbuildOptions(esbuild) {
      esbuild.mainFields = ['module', 'main'];
    },
    ...options,
  });
}
