import { CodedException } from '../../../common/coded-exception.js';
import { MAX_RECORDS } from './log-records.js';

/** Counts what a request unpacks to. */
export class RecordBudget {
  private left = MAX_RECORDS;

  /** @throws CodedException `PAYLOAD_TOO_LARGE` */
  take(): void {
    if (--this.left >= 0) return;
    throw new CodedException('PAYLOAD_TOO_LARGE', `Send at most ${MAX_RECORDS} log records at once.`);
  }
}
