import type { ErrorLevel } from '../../../database/entities/error-group.entity.js';
import { levelOf } from '../level-spellings.js';
import type { LogRecord } from './log-records.js';

/** First number of each range (OpenTelemetry Logs Data Model, “Field: SeverityNumber”). */
const INFO = 9;
const WARN = 13;
const ERROR = 17;

/** Whether a record tells of an error: it carries an exception, or says that it is as bad. */
export function isError(record: LogRecord): boolean {
  const { attributes } = record;
  if (
    attributes['exception.type'] !== undefined ||
    attributes['exception.message'] !== undefined ||
    attributes['exception.stacktrace'] !== undefined
  )
    return true;
  if (record.severityNumber > 0) return record.severityNumber >= ERROR;
  return levelOf(record.severityText) === 'error';
}

export function levelOfRecord({ severityNumber, severityText }: LogRecord): ErrorLevel {
  if (severityNumber <= 0) return levelOf(severityText) ?? 'error';
  if (severityNumber >= ERROR) return 'error';
  if (severityNumber >= WARN) return 'warning';
  return severityNumber >= INFO ? 'info' : 'debug';
}
