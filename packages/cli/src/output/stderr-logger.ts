import type { LogFields, Logger } from '@posthorn/core';

/** Writes log lines to a stream, for `--verbose`. Packages never log secrets. */
export function streamLogger(stream: NodeJS.WritableStream): Logger {
  const write =
    (level: string) =>
    (message: string, fields: LogFields = {}): void => {
      const facts = Object.entries(fields).map(
        ([name, value]) => ` ${name}=${typeof value === 'string' ? JSON.stringify(value) : value}`,
      );
      stream.write(`${level} ${message}${facts.join('')}\n`);
    };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}
