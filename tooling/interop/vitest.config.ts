import { packageTests } from '@posthorn/vitest';

// Most of these tests wait for other programs, so two at once fit on any machine.
export default packageTests({ maxWorkers: 2 });
