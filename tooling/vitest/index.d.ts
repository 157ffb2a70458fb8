import type { ViteUserConfig } from 'vitest/config';

export declare function packageTests(test?: NonNullable<ViteUserConfig['test']>): ViteUserConfig;
