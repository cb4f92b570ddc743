import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../../../common/clock.js';
import { invalidField } from '../../../common/coded-exception.js';
import { formatDuration } from '../../../common/duration.js';
import { endpointNotFound } from '../endpoints/endpoints.reader.js';
import { checksBetween, summariseChecks } from './check-rollups.js';
import type {
  ResponseFiguresDto,
  ResponseTimesDto,
  ResponseTimesQuery,
  StepName,
} from './dto/response-times.dto.js';
import { figuresOf, mergeSummaries, type ResponseSummary } from './response-summary.js';
import { DAY_MS } from './state-time.js';

const HOUR_MS = 3_600_000;
const STEP_MS: Record<StepName, number> = { '1m': 60_000, '1h': HOUR_MS, '1d': DAY_MS };
/** Most steps of one series. */
const MAX_STEPS = 1_500;

const SUMMARY =
  'started_at, region, checks, failed, unmeasured, sum_us::float8, min_ms, max_ms, buckets, counts';
const ROLLED = `WHERE endpoint_id = $1 AND started_at >= $2 AND started_at < $3 AND ($4::text IS NULL OR region = $4)
  ORDER BY started_at`;
export const BY_DAY = `SELECT ${SUMMARY} FROM check_days ${ROLLED}`;
export const BY_HOUR = `SELECT ${SUMMARY} FROM check_hours ${ROLLED}`;
/** Steps of $5 milliseconds. A check is made at most an interval ($6 milliseconds) after its slot, or was given up. */
export const BY_CHECK = `SELECT ${SUMMARY} FROM (${summariseChecks(
  {
    started_at: `date_bin($5 * interval '1 millisecond', checked_at, '2000-01-01Z')`,
    region: 'region',
  },
  `endpoint_id = $1 AND ${checksBetween('$2', '$3')} AND scheduled_at > $2::timestamptz - $6 * interval '1 millisecond'
    AND ($4::text IS NULL OR region = $4)`,
)}) summed`;

const KNOWN = `SELECT interval_ms,
    (SELECT done_to FROM rollup_progress WHERE name = 'check_hours') AS hours_to,
    (SELECT done_to FROM rollup_progress WHERE name = 'check_days') AS days_to
  FROM endpoints WHERE id = $1`;

interface KnownRow {
  interval_ms: number;
  hours_to: Date | null;
  days_to: Date | null;
}

type SummaryRow = ResponseSummary & { started_at: Date; region: string };

interface Window {
  step: StepName;
  from: number;
  to: number;
}

/**
 * Response times over any window: from days and hours as far as these are rolled up, from single checks since. Parts are
 * merged before percentiles are taken.
 */
@Injectable()
export class ResponseTimesReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  /** @throws CodedException `ENDPOINT_NOT_FOUND`, or `VALIDATION_FAILED` when the series would be too long */
  async read(id: string, query: ResponseTimesQuery): Promise<ResponseTimesDto> {
    const window = windowOf(query, this.clock.now());
    const [known] = await this.dataSource.query<KnownRow[]>(KNOWN, [id]);
    if (!known) throw endpointNotFound();
    const rows = await this.rows(id, window, query.region ?? null, known);
    return {
      endpoint_id: id,
      from: new Date(window.from),
      to: new Date(window.to),
      step: window.step,
      region: query.region ?? null,
      regions: [...new Set(rows.map((row) => row.region))].sort(),
      total: figuresView(mergeSummaries(rows)),
      series: seriesOf(rows, window),
    };
  }

  private async rows(
    id: string,
    { step, from, to }: Window,
    region: string | null,
    { interval_ms, hours_to, days_to }: KnownRow,
  ): Promise<SummaryRow[]> {
    const reach = (doneTo: Date | null, isUsed: boolean, since: number): number =>
      isUsed && doneTo ? Math.min(to, Math.max(since, doneTo.getTime())) : since;
    const days = reach(days_to, step === '1d', from);
    const hours = reach(hours_to, step !== '1m', days);
    const read = (sql: string, since: number, until: number, ...more: number[]): Promise<SummaryRow[]> =>
      since < until
        ? this.dataSource.query(sql, [id, new Date(since), new Date(until), region, ...more])
        : Promise.resolve([]);
    const parts = await Promise.all([
      read(BY_DAY, from, days),
      read(BY_HOUR, days, hours),
      read(BY_CHECK, hours, to, STEP_MS[step], interval_ms + HOUR_MS),
    ]);
    return parts.flat();
  }
}

function windowOf({ from, to, step }: ResponseTimesQuery, now: Date): Window {
  const end = (to ?? now).getTime();
  const start = from?.getTime() ?? end - DAY_MS;
  if (start >= end) throw invalidField('from', 'must be before to, which is now when left out');
  const chosen = step ?? fittingStep(end - start);
  const size = STEP_MS[chosen];
  const window = {
    step: chosen,
    from: Math.floor(start / size) * size,
    to: Math.ceil(end / size) * size,
  };
  if ((window.to - window.from) / size > MAX_STEPS) {
    const longest = formatDuration(MAX_STEPS * size);
    throw invalidField('from', `must be at most ${longest} before to when a step is ${chosen}`);
  }
  return window;
}

function fittingStep(length: number): StepName {
  if (length <= 6 * HOUR_MS) return '1m';
  return length <= 31 * DAY_MS ? '1h' : '1d';
}

/** Steps without a check are there as well. */
function seriesOf(rows: readonly SummaryRow[], { step, from, to }: Window): ResponseTimesDto['series'] {
  const size = STEP_MS[step];
  const byStep = new Map<number, SummaryRow[]>();
  for (const row of rows) {
    const at = Math.floor(row.started_at.getTime() / size) * size;
    byStep.set(at, [...(byStep.get(at) ?? []), row]);
  }
  return Array.from({ length: (to - from) / size }, (_, index) => {
    const at = from + index * size;
    return { at: new Date(at), ...figuresView(mergeSummaries(byStep.get(at) ?? [])) };
  });
}

function figuresView(summary: ResponseSummary): ResponseFiguresDto {
  const { checks, failed, unmeasured } = summary;
  return { count: checks, failed, unmeasured, ...figuresOf(summary) };
}
