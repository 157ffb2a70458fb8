import { packageBuild } from '@posthorn/build';

export default packageBuild({ entry: ['src/index.ts', 'src/extensions.ts', 'src/pop3.ts'] });
