/**
 * Stands between the store and `node:fs`: counts calls, lets them fail, cuts writes short, or looks at the disk before
 * them. A test file mocks `node:fs` and `node:fs/promises` with `async (original) => (await import('./fs-shim.ts')).wrapFs(await original())`.
 * @module
 */
import type { constants } from 'node:fs';

/** A call that is about to be made. */
export interface FsCall {
  readonly name: string;
  readonly args: readonly unknown[];
  /** Whether it changes what is on the disk. */
  readonly isWrite: boolean;
}

/** Called before each call; throws what the call is to throw. `short` cuts a write to half of its octets. */
export type FsHook = (call: FsCall) => 'short' | undefined;

const CHANGES = new Set(
  ['write', 'ftruncate', 'futimes', 'utimes', 'rename', 'link', 'unlink', 'rmdir', 'mkdir', 'copyFile', 'writeFile']
    .concat(['rm', 'chmod', 'fchmod', 'fsync', 'fdatasync', 'cp', 'truncate'])
    .flatMap((name) => [name, `${name}Sync`]),
);
/** Closing is left alone: a descriptor is given back even when the system says that something failed. */
const PASSED = new Set([
  'close',
  'closeSync',
  'watch',
  'watchFile',
  'unwatchFile',
  'createReadStream',
  'createWriteStream',
]);
const O_CREAT: (typeof constants)['O_CREAT'] = 0o100;

let hook: FsHook | undefined;
let isInHook = false;

/** Sets what is called before every call; undefined for nothing. */
export function watchFs(next: FsHook | undefined): void {
  hook = next;
}

/** `node:fs` or `node:fs/promises` with the hook before each function. */
export function wrapFs<Module extends object>(original: Module): Module {
  const wrapped: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(original))
    wrapped[name] =
      typeof value === 'function' && /^[a-z]/.test(name) && !PASSED.has(name) ? watched(name, value) : value;
  return { ...wrapped, default: wrapped } as Module;
}

function watched(name: string, original: (...args: unknown[]) => unknown) {
  return (...args: unknown[]): unknown => {
    const verdict = announce(name, args);
    if (verdict === 'short' && name === 'writeSync') {
      const [descriptor, bytes, offset, length, position] = args;
      return original(descriptor, bytes, offset, Math.ceil(Number(length) / 2), position);
    }
    return original(...args);
  };
}

function announce(name: string, args: readonly unknown[]): 'short' | undefined {
  if (hook === undefined || isInHook) return undefined;
  isInHook = true;
  try {
    const isCreating = name.startsWith('open') && typeof args[1] === 'number' && (args[1] & O_CREAT) !== 0;
    return hook({ name, args, isWrite: isCreating || CHANGES.has(name) });
  } finally {
    isInHook = false;
  }
}

/** An error as the operating system gives it. */
export function systemError(code: string, { name, args }: FsCall): Error {
  const path = typeof args[0] === 'number' ? undefined : String(args[0]);
  return Object.assign(new Error(`${code}: made up, ${name}`), { code, syscall: name, path });
}
