import type { Dialect } from './tapped-transport.ts';

export const imapDialect: Dialect = {
  hasLiterals: true,
  commandOf(line) {
    const [, tag, name] = /^([^ \r\n]+) (?:UID )?([A-Za-z][^ \r\n]*)/i.exec(line) ?? [];
    if (tag === undefined || name === undefined) return undefined;
    return { tag, name: name.toUpperCase() };
  },
};
