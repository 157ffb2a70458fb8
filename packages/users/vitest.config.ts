import { packageTests } from '@posthorn/vitest';

export default packageTests();
