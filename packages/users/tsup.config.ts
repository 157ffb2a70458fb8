import { packageBuild } from '@posthorn/build';

export default packageBuild({ platform: 'node' });
