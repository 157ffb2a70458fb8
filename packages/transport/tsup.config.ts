import { packageBuild } from '@posthorn/build';

export default packageBuild({
  platform: 'node',
  entry: [
    'src/index.ts',
    'src/memory-pair.ts',
    'src/client/index.ts',
    'src/serving/index.ts',
    'src/serving/serving-limits.ts',
  ],
});
