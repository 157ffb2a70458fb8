import type { Failure } from './failure.ts';

/**
 * Exit codes of programs that a mail system runs, as in `sysexits.h`. Mail that ends with `tempfail` is kept and tried
 * again later; with any other but 0 it goes back to its sender.
 */
export const SYSEXIT = {
  usage: 64,
  noUser: 67,
  cannotCreate: 73,
  tempfail: 75,
} as const;

/** How a delivery that failed ends. Whatever may be better tomorrow, or is not the sender's fault, is tried again. */
export function sysexitOf({ code }: Failure): number {
  switch (code) {
    case 'USAGE':
      return SYSEXIT.usage;
    case 'USERS_NONEXISTENT':
      return SYSEXIT.noUser;
    case 'STORE_NONEXISTENT':
    case 'STORE_CANNOT':
      return SYSEXIT.cannotCreate;
    default:
      return SYSEXIT.tempfail;
  }
}
