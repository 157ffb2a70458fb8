import { type Logger, silentLogger } from '@posthorn/core';

/** How much is said, the most first. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export function isLogLevel(text: string): text is LogLevel {
  return (LOG_LEVELS as readonly string[]).includes(text);
}

/** What a logger is told, from a level on. */
export function atLeast(level: LogLevel, logger: Logger): Logger {
  const kept = LOG_LEVELS.slice(LOG_LEVELS.indexOf(level));
  return { ...silentLogger, ...Object.fromEntries(kept.map((each) => [each, logger[each]])) };
}
