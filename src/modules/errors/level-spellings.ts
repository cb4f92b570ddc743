import type { ErrorLevel } from '../../database/entities/error-group.entity.js';

/** Spellings of levels that programs use. All but ours are also kept as `context.level`. */
const LEVELS: Readonly<Record<string, ErrorLevel>> = {
  error: 'error',
  warning: 'warning',
  info: 'info',
  debug: 'debug',
  fatal: 'error',
  critical: 'error',
  emergency: 'error',
  alert: 'error',
  warn: 'warning',
  notice: 'info',
  log: 'info',
  trace: 'debug',
  verbose: 'debug',
};

/** Our level for a spelling in any case; undefined when it is none. */
export function levelOf(spelling: string): ErrorLevel | undefined {
  const lower = spelling.toLowerCase();
  return Object.hasOwn(LEVELS, lower) ? LEVELS[lower] : undefined;
}

/** Whether a spelling says no more than the level. */
export function isSameLevel(level: ErrorLevel, spelling: string): boolean {
  return spelling.toLowerCase() === level;
}
