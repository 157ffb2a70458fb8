import { packageBuild } from '@posthorn/build';

export default packageBuild({ entry: ['src/index.ts', 'src/protocol.ts'], platform: 'node' });
