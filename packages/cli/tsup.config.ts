import { packageBuild } from '@posthorn/build';

export default packageBuild({
  entry: ['src/index.ts', 'src/bin.ts'],
  platform: 'node',
  noExternal: ['@posthorn/corpus'],
});
