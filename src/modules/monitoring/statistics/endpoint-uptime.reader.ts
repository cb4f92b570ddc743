import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../../../common/clock.js';
import { endpointNotFound } from '../endpoints/endpoints.reader.js';
import type {
  EndpointUptimeDto,
  UptimeFiguresDto,
  UptimeMonthDto,
  UptimeWindowName,
} from './dto/uptime.dto.js';
import {
  type IntervalRow,
  intervalsAsJson,
  intervalsOf,
  ROLLED_TO,
  timesAsJson,
  timesByDay,
  type TimesColumns,
} from './running-totals.js';
import {
  DAY_MS,
  dayName,
  dayNumber,
  RunningTotals,
  startOfDay,
  startOfMonth,
  type StateTimes,
  timeInStates,
} from './state-time.js';
import { coverageOf, uptimeOf } from './uptime.js';

const WINDOWS: readonly (readonly [window: UptimeWindowName, days: number])[] = [
  ['7d', 7],
  ['30d', 30],
  ['90d', 90],
  ['1y', 365],
];
const MONTHS = 24;

const KNOWN = `
  SELECT created_at, ${ROLLED_TO} AS rolled_to,
    (SELECT done_to FROM rollup_progress WHERE name = 'endpoint_months') AS frozen_to
  FROM endpoints WHERE id = $1`;

interface KnownRow {
  created_at: Date;
  rolled_to: Date | null;
  frozen_to: Date | null;
}

/** Running totals at the ends of the days $2, the months since $3, and the intervals since $4. */
export const TIMES = `SELECT
  ${timesAsJson('day', 'endpoint_days WHERE endpoint_id = $1 AND day = ANY($2::date[])')} AS days,
  ${timesAsJson('month', 'endpoint_months WHERE endpoint_id = $1 AND month >= $3::date')} AS months,
  ${intervalsAsJson('$1', '$4')} AS intervals`;

interface TimesRows {
  days: TimesColumns;
  months: TimesColumns;
  intervals: IntervalRow[];
}

/** The uptime of one endpoint, at the same cost however long it has been watched. */
@Injectable()
export class EndpointUptimeReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  /** @throws CodedException `ENDPOINT_NOT_FOUND` */
  async read(id: string): Promise<EndpointUptimeDto> {
    const now = this.clock.now().getTime();
    const [known] = await this.dataSource.query<KnownRow[]>(KNOWN, [id]);
    if (!known) throw endpointNotFound();
    const created = known.created_at.getTime();
    const rolledTo = known.rolled_to?.getTime() ?? startOfDay(created);
    const windows = WINDOWS.map(([window, days]) => ({ window, from: startOfDay(now - days * DAY_MS) }));
    const months = Array.from({ length: MONTHS + 1 }, (_, index) => startOfMonth(now, -index));
    const open = months.filter((month) => month >= (known.frozen_to?.getTime() ?? 0));
    const midnights = [rolledTo, ...windows.map(({ from }) => from), ...open];
    const dayAgo = now - DAY_MS;
    const [rows] = await this.dataSource.query<[TimesRows]>(TIMES, [
      id,
      midnights.map((midnight) => dayName(midnight - DAY_MS)),
      dayName(months.at(-1)!),
      new Date(Math.min(rolledTo, dayAgo)),
    ]);
    const intervals = intervalsOf(rows.intervals);
    const totals = new RunningTotals({ days: timesByDay(rows.days), rolledTo, intervals });
    const frozen = timesByDay(rows.months);
    const since = (from: number): { from: Date; to: Date } => ({
      from: new Date(Math.max(from, created)),
      to: new Date(now),
    });
    return {
      endpoint_id: id,
      windows: [
        { window: '24h', ...since(dayAgo), ...figuresOf(timeInStates(intervals, dayAgo, now)) },
        ...windows.map(({ window, from }) => ({
          window,
          ...since(from),
          ...figuresOf(totals.between(from, now)),
        })),
      ],
      months: months
        .filter((month) => startOfMonth(month, 1) > created)
        .map((month) => monthView(month, now, totals, frozen.get(dayNumber(month)))),
    };
  }
}

function monthView(
  month: number,
  now: number,
  totals: RunningTotals,
  frozen: StateTimes | undefined,
): UptimeMonthDto {
  const times = frozen ?? totals.between(month, Math.min(startOfMonth(month, 1), now));
  return { month: dayName(month).slice(0, 7), frozen: frozen !== undefined, ...figuresOf(times) };
}

function figuresOf(states: StateTimes): UptimeFiguresDto {
  return { uptime_percent: uptimeOf(states), coverage_percent: coverageOf(states), states };
}
