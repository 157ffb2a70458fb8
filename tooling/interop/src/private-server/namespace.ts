import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The file system as a server sees it: unpacked packages laid over what the machine has. */
export interface PrivateView {
  /** The unpacked packages. */
  readonly root: string;
  /** The server's own folder; its `etc` goes over everything in /etc, and its `run` stands for /run. */
  readonly folder: string;
}

/** A server that nobody else sees but by its ports. */
export interface PrivateProcess {
  /** Whether it has ended. */
  readonly hasEnded: boolean;
  /** Ends it, and all that it started. */
  stop(): Promise<void>;
}

/** Nothing of this is seen outside: the namespace goes with its last process. */
const MOUNT = `set -e
root=$1 folder=$2
shift 2
mount -t overlay none -o "lowerdir=$root/usr:/usr" /usr
mount -t overlay none -o "lowerdir=$folder/etc:$root/etc:/etc" /etc
mount --bind "$folder/run" /run
`;
/** The first process of the namespace takes all others with it, when it is told to, or when whoever started it is gone. */
const SERVE = `${MOUNT}exec 3<&0
"$@" </dev/null &
server=$!
{ cat <&3 >/dev/null; kill $server; } &
wait $server`;
const UNSHARE = ['--mount', '--propagation', 'private'];

/** Makes the folders that a view needs, and users that the packages would have made. */
export async function prepareView({ folder }: PrivateView, users: readonly string[]): Promise<void> {
  await mkdir(join(folder, 'etc'), { recursive: true });
  await mkdir(join(folder, 'run'), { recursive: true });
  const [passwd, group] = await Promise.all(['/etc/passwd', '/etc/group'].map((path) => readFile(path, 'utf8')));
  const missing = users.filter((user) => !passwd!.split('\n').some((line) => line.startsWith(`${user}:`)));
  const added = missing.map((user, index) => `${user}:x:${64_000 + index}:8::/nonexistent:/usr/sbin/nologin\n`);
  await appendFile(join(folder, 'etc', 'passwd'), passwd + added.join(''));
  await appendFile(join(folder, 'etc', 'group'), group!);
}

/** Runs a program to its end. @returns what it printed @throws Error with its complaints when it fails */
export function runPrivately(view: PrivateView, command: readonly string[], input = ''): Promise<string> {
  const script = `${MOUNT}exec "$@"`;
  const args = [...UNSHARE, 'sh', '-c', script, 'sh', view.root, view.folder, ...command];
  return new Promise((resolve, reject) => {
    const child = execFile('unshare', args, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${command[0]} failed: ${stderr}${stdout}`, { cause: error }));
    });
    child.stdin?.end(input);
  });
}

/** Starts a server that stays in the foreground. */
export function servePrivately(view: PrivateView, command: readonly string[], log: number): PrivateProcess {
  const namespace = [...UNSHARE, '--pid', '--fork', '--kill-child'];
  const child: ChildProcess = spawn(
    'unshare',
    [...namespace, 'sh', '-c', SERVE, 'sh', view.root, view.folder, ...command],
    { stdio: ['pipe', log, log] },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.stdin?.on('error', () => {});
  return {
    get hasEnded() {
      return child.exitCode !== null || child.signalCode !== null;
    },
    stop: async () => {
      child.stdin?.end();
      const timer = setTimeout(() => child.kill('SIGTERM'), 5_000);
      await ended;
      clearTimeout(timer);
    },
  };
}
