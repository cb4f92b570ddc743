import type { ErrorReport } from '../error-report.js';
import type { ResourceLogs } from './log-records.js';
import { programOf } from './program.js';
import { isError } from './severity.js';
import { toErrorReport } from './to-error-report.js';

/** An error among the log records of one request. */
export interface RecordedError {
  report: ErrorReport;
  /** Its place among all records of the request, from 0. */
  index: number;
}

/** The errors among log records, and how many of these are none. */
export function readErrors(
  logs: readonly ResourceLogs[],
  defaultSource: string,
): { errors: RecordedError[]; passedOver: number } {
  const errors: RecordedError[] = [];
  let index = 0;
  for (const { attributes, scopes } of logs) {
    const program = programOf(attributes);
    for (const { name, records } of scopes) {
      for (const record of records) {
        if (isError(record))
          errors.push({ report: toErrorReport(record, name, program, defaultSource), index });
        index++;
      }
    }
  }
  return { errors, passedOver: index - errors.length };
}
