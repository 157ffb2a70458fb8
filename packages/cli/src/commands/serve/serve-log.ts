import type { Logger } from '@posthorn/core';
import type { CommandContext } from '../../command-context.ts';
import { UsageError } from '../../failure.ts';
import { jsonLogger } from '../../output/json-logger.ts';
import { atLeast, isLogLevel, LOG_LEVELS, type LogLevel } from '../../output/log-level.ts';
import { streamLogger } from '../../output/stderr-logger.ts';

/** What is said on standard error, and how. */
export interface LogOptions {
  readonly logFormat?: string | undefined;
  readonly logLevel?: string | undefined;
}

interface LogSettings {
  readonly isJson: boolean;
  readonly level: LogLevel | undefined;
}

/** @throws UsageError */
export function logSettingsOf({ logFormat = 'text', logLevel }: LogOptions): LogSettings {
  if (logFormat !== 'text' && logFormat !== 'json')
    throw new UsageError(`--log-format takes text or json, not "${logFormat}"`);
  if (logLevel !== undefined && !isLogLevel(logLevel))
    throw new UsageError(`--log-level takes ${LOG_LEVELS.join(', ')}, not "${logLevel}"`);
  return { isJson: logFormat === 'json', level: logLevel };
}

/** The log of a server: what is wrong, and more when asked for. */
export function serveLog(options: LogOptions, { stderr, verbose }: CommandContext): Logger {
  const { isJson, level = verbose ? 'debug' : 'warn' } = logSettingsOf(options);
  return atLeast(level, isJson ? jsonLogger(stderr) : streamLogger(stderr));
}
