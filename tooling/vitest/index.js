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
      testTimeout: 30_000,
      ...test,
    },
  });
}
