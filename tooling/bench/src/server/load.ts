/** Work for the load generator, and what it tells of it. */
export interface Account {
  readonly ports: readonly number[];
  readonly user: string;
  readonly password: string;
}

export interface FetchLoad extends Account {
  readonly type: 'fetch';
  readonly command: string;
}

export interface MixLoad extends Account {
  readonly type: 'mix';
  readonly connections: number;
  /** Of each connection. */
  readonly operations: number;
  /** Messages of a mailbox at the start; no number above it is named. */
  readonly messages: number;
  readonly mailboxes: number;
  readonly seed: number;
}

export interface HoldLoad extends Account {
  readonly type: 'hold';
  readonly connections: number;
  readonly state: 'greeted' | 'idling';
}

export interface LoginLoad extends Account {
  readonly type: 'login';
  readonly times: number;
}

export type Load = FetchLoad | MixLoad | HoldLoad | LoginLoad | { readonly type: 'release' };

export interface LoadResult {
  readonly milliseconds: number;
  readonly octets: number;
  /** How long each operation took, where there are many: milliseconds, ascending. */
  readonly latencies: readonly number[];
}
