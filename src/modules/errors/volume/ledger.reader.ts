import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../../../common/clock.js';
import { invalidField } from '../../../common/coded-exception.js';
import type { LedgerOutcome } from '../../../database/entities/error-ledger-entry.entity.js';
import type {
  LedgerBucketDto,
  LedgerDto,
  LedgerLineDto,
  LedgerQuery,
  LedgerSourceDto,
} from './dto/ledger.dto.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The ledger keeps 90 days. */
const MAX_SPAN_MS = { hour: 31 * DAY_MS, day: 92 * DAY_MS };
const MAX_SOURCES = 100;

/** Outcomes of reports that reached this instance; `sampled` and `evicted` are about occurrences of accepted ones. */
const RECEIVED: readonly LedgerOutcome[] = [
  'accepted',
  'repeated',
  'limited',
  'invalid',
  'forbidden',
  'failed',
];

interface BucketRow {
  start: Date;
  outcome: LedgerOutcome;
  reason: string;
  count: number;
}

/** Reads the ledger for screens and for other modules. */
@Injectable()
export class LedgerReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  /** @throws CodedException `VALIDATION_FAILED` when the span is too long */
  async ledger({ from, to = this.clock.now(), source, group_by: unit }: LedgerQuery): Promise<LedgerDto> {
    const start = new Date(Math.floor((from?.getTime() ?? to.getTime() - DAY_MS) / HOUR_MS) * HOUR_MS);
    if (start > to) throw invalidField('from', 'must not be after to');
    if (to.getTime() - start.getTime() > MAX_SPAN_MS[unit] + HOUR_MS)
      throw invalidField('from', `must be at most ${MAX_SPAN_MS[unit] / DAY_MS} days before to`);
    const values = [start, to, source ?? null];
    const [rows, sources] = await Promise.all([
      this.dataSource.query<BucketRow[]>(
        `SELECT date_trunc('${unit}', hour, 'UTC') AS start, outcome, reason, sum(count)::float8 AS count
         FROM error_ledger WHERE hour >= $1 AND hour < $2 AND ($3::text IS NULL OR source = $3)
         GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
        values,
      ),
      this.dataSource.query<LedgerSourceDto[]>(
        `SELECT source, coalesce(sum(count) FILTER (WHERE outcome = 'accepted'), 0)::float8 AS accepted,
           coalesce(sum(count) FILTER (WHERE outcome NOT IN ('accepted', 'repeated', 'sampled', 'evicted')), 0)::float8 AS lost
         FROM error_ledger WHERE hour >= $1 AND hour < $2 AND ($3::text IS NULL OR source = $3)
         GROUP BY source ORDER BY sum(count) DESC, source LIMIT ${MAX_SOURCES}`,
        values,
      ),
    ]);
    const totals = totalsOf(rows);
    const received = totals.reduce(
      (sum, { outcome, count }) => sum + (RECEIVED.includes(outcome) ? count : 0),
      0,
    );
    return { from: start, to, received, totals, buckets: bucketsOf(rows), sources };
  }
}

function totalsOf(rows: readonly BucketRow[]): LedgerLineDto[] {
  const totals = new Map<string, LedgerLineDto>();
  for (const row of rows) {
    const key = `${row.outcome} ${row.reason}`;
    const line = totals.get(key);
    if (line) line.count += row.count;
    else totals.set(key, lineOf(row));
  }
  return [...totals.values()];
}

function bucketsOf(rows: readonly BucketRow[]): LedgerBucketDto[] {
  const buckets = new Map<number, LedgerBucketDto>();
  for (const row of rows) {
    const at = row.start.getTime();
    const bucket = buckets.get(at) ?? { start: row.start, lines: [] };
    bucket.lines.push(lineOf(row));
    buckets.set(at, bucket);
  }
  return [...buckets.values()];
}

function lineOf({ outcome, reason, count }: BucketRow): LedgerLineDto {
  return { outcome, reason: reason || null, count };
}
