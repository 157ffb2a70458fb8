/** Facts beside a log message. Never secrets, never message content. */
export type LogFields = Readonly<Record<string, string | number | bigint | boolean | undefined>>;

/** Where packages write what they do. `console` is one. Nothing is logged unless a logger is given. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

const ignore = (): void => {};

/** A logger that drops everything. */
export const silentLogger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
