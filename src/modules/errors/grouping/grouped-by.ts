import type { ErrorReport } from '../error-report.js';

/** What decides which errors are one group. */
export type GroupedBy = Pick<ErrorReport, 'message' | 'source'> &
  Partial<
    Pick<
      ErrorReport,
      | 'stack_trace'
      | 'frames'
      | 'fingerprint'
      | 'level'
      | 'platform'
      | 'culprit'
      | 'tags'
      | 'release'
      | 'environment'
    >
  >;
