import { defineConfig } from 'vitest/config';

const conditions = ['@posthorn/source', 'module', 'node', 'import', 'default'];

/** The vitest configuration of every package: workspace imports resolve to source, so tests need no build. */
export function packageTests(test = {}) {
  return defineConfig({
    resolve: { conditions },
    ssr: { resolve: { conditions, externalConditions: conditions } },
    test: {
      include: ['test/**/*.test.ts'],
      reporters: ['default', 'json'],
      outputFile: { json: '.test-report.json' },
      // Nothing is measured by it: a machine may be slow, and busy with something else.
      testTimeout: 120_000,
      hookTimeout: 120_000,
      ...test,
    },
  });
}
