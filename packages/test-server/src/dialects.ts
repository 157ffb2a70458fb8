import type { Dialect } from './tapped-transport.ts';

export const imapDialect: Dialect = {
  hasLiterals: true,
  commandOf(line) {
    const [, tag, name] = /^([^ \r\n]+) (?:UID )?([A-Za-z][^ \r\n]*)/i.exec(line) ?? [];
    if (tag === undefined || name === undefined) return undefined;
    return { tag, name: name.toUpperCase() };
  },
};

export const pop3Dialect: Dialect = {
  hasLiterals: false,
  commandOf(line) {
    const [, name] = /^([A-Za-z0-9]+)/.exec(line) ?? [];
    return name === undefined ? undefined : { tag: '', name: name.toUpperCase() };
  },
};
