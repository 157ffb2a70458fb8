// Runs the command `posthorn` from the sources of the workspace, in this very process, so that signals and exit codes
// are the command's own.
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundleCommand } from './bundle-command.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const bundle = await bundleCommand(root);

// pnpm does not hand on a SIGTERM before it dies of it; that its child is an orphan tells the same.
const parent = process.ppid;
setInterval(() => process.ppid === parent || process.kill(process.pid, 'SIGTERM'), 200).unref();
// pnpm runs scripts in the workspace root; paths on the command line are meant from where the user stands.
if (process.env['INIT_CWD']) process.chdir(process.env['INIT_CWD']);
process.argv[1] = bundle;
await import(pathToFileURL(bundle).href);
