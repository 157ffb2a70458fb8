import type { LogFields, Logger } from '@posthorn/core';
import { jsonLine } from './output.ts';

/**
 * Writes one JSON object a line: `time` (RFC 3339, UTC), `level`, `process` (its id), `message`, and the facts beside
 * it. Packages never log secrets.
 */
export function jsonLogger(stream: NodeJS.WritableStream): Logger {
  const write =
    (level: string) =>
    (message: string, fields: LogFields = {}): void => {
      const line = { time: new Date().toISOString(), level, process: process.pid, message };
      // These come first, and no fact takes the place of one.
      stream.write(jsonLine({ ...line, ...fields, ...line }));
    };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}
