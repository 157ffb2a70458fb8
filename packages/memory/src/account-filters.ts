import { type AbortOptions, type AccountFilters, StoreError } from '@posthorn/core';
import type { AccountState } from './account-state.ts';

/** The Sieve scripts of an account. */
export interface FilterTable {
  readonly scripts: Map<string, Uint8Array>;
  active: string | undefined;
}

export function memoryFilters(open: (signal?: AbortSignal) => AccountState): AccountFilters {
  const change = <Result>(signal: AbortSignal | undefined, step: (table: FilterTable) => Result): Promise<Result> =>
    open(signal).change('filter', signal, () => step(open().filters));
  return {
    async list({ signal }: AbortOptions = {}) {
      const { scripts, active } = open(signal).filters;
      return [...scripts.keys()].map((name) => ({ name, isActive: name === active }));
    },
    async read(name, { signal }: AbortOptions = {}) {
      return existing(open(signal).filters, name).slice();
    },
    put: (name, script, { signal }: AbortOptions = {}) =>
      change(signal, ({ scripts }) => {
        scripts.set(name, script.slice());
      }),
    delete: (name, { signal }: AbortOptions = {}) =>
      change(signal, (table) => {
        existing(table, name);
        if (table.active === name) throw new StoreError('STORE_IN_USE', 'the script is the active one');
        table.scripts.delete(name);
      }),
    rename: (from, to, { signal }: AbortOptions = {}) =>
      change(signal, (table) => {
        const script = existing(table, from);
        if (table.scripts.has(to)) throw new StoreError('STORE_ALREADY_EXISTS', 'there is a script of that name');
        table.scripts.delete(from);
        table.scripts.set(to, script);
        if (table.active === from) table.active = to;
      }),
    activate: (name, { signal }: AbortOptions = {}) =>
      change(signal, (table) => {
        if (name !== undefined) existing(table, name);
        table.active = name;
      }),
  };
}

function existing({ scripts }: FilterTable, name: string): Uint8Array {
  const script = scripts.get(name);
  if (script === undefined) throw new StoreError('STORE_NONEXISTENT', 'there is no such script');
  return script;
}
