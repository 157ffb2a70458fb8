import { packageTests } from '@posthorn/vitest';

// Most of these tests wait for other programs, so two at once fit on any machine. Now and then a process of another
// program ends without being asked to, such as one of Dovecot's that says it is shutting down while its master goes on:
// about once in a thousand tests. Ours fail again.
export default packageTests({ maxWorkers: 2, retry: 2 });
