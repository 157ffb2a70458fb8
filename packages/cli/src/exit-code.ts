/** How the command ended, for scripts. */
export const EXIT = {
  done: 0,
  /** Some work may remain: run again. */
  failed: 1,
  usage: 2,
  authentication: 3,
  /** The connection or TLS. */
  connection: 4,
  /** The store is damaged or busy. */
  store: 5,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
