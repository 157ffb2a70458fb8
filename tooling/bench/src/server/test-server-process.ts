// Starts a test server, and tells how long that took after the import.
import { startTestServer } from '@posthorn/test-server';

const start = performance.now();
const server = await startTestServer();
const milliseconds = performance.now() - start;
process.on('disconnect', () => process.exit());
process.send!({ port: server.port, milliseconds });
