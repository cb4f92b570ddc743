import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../../../common/clock.js';
import { pageInfo } from '../../../common/http/paging.dto.js';
import { ENDPOINT_STATES, type EndpointState } from '../../../database/entities/endpoint-status.entity.js';
import type {
  DayStatesDto,
  UptimeBarsDto,
  UptimeBarsListDto,
  UptimeDayDto,
  UptimeQuery,
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
import { DAY_MS, dayName, noTime, RunningTotals, startOfDay, type StateTimes } from './state-time.js';
import { coverageOf, uptimeOf } from './uptime.js';

const CHOSEN = `FROM endpoints
  WHERE ($1::uuid[] IS NULL OR id = ANY($1)) AND ($2::text IS NULL OR group_name = $2)`;
const COUNT = `SELECT count(*)::int AS total ${CHOSEN}`;

/**
 * A page of endpoints with their running totals since the day before the first bar ($5), and the intervals since those
 * end: for each endpoint, one range of an index and the few intervals of today.
 */
export const BARS = `
  SELECT p.id, p.name, p.group_name, s.status, r.rolled_to,
    ${timesAsJson('day', 'endpoint_days WHERE endpoint_id = p.id AND day >= $5::date')} AS days,
    ${intervalsAsJson('p.id', `greatest(r.rolled_to, $5::date::timestamp AT TIME ZONE 'UTC')`)} AS intervals
  FROM (SELECT id, name, group_name ${CHOSEN} ORDER BY name LIMIT $3 OFFSET $4) p
  JOIN endpoint_status s ON s.endpoint_id = p.id
  CROSS JOIN (SELECT ${ROLLED_TO} AS rolled_to) r
  ORDER BY p.name`;

interface BarsRow {
  id: string;
  name: string;
  group_name: string | null;
  status: EndpointState;
  rolled_to: Date | null;
  days: TimesColumns;
  intervals: IntervalRow[];
}

/** The last days of many endpoints, for bars beside each other. */
@Injectable()
export class UptimeBarsReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  async read(query: UptimeQuery): Promise<UptimeBarsListDto> {
    const now = this.clock.now().getTime();
    const first = startOfDay(now) - (query.days - 1) * DAY_MS;
    const chosen = [query.ids ?? null, query.group ?? null];
    const [rows, [counted]] = await Promise.all([
      this.dataSource.query<BarsRow[]>(BARS, [...chosen, query.limit, query.offset, dayName(first - DAY_MS)]),
      this.dataSource.query<{ total: number }[]>(COUNT, chosen),
    ]);
    const days = Array.from({ length: query.days }, (_, index) => dayName(first + index * DAY_MS));
    return {
      endpoints: rows.map((row) => barsView(row, days, first, now)),
      ...pageInfo(counted!.total, query),
    };
  }
}

function barsView(row: BarsRow, days: readonly string[], first: number, now: number): UptimeBarsDto {
  const totals = new RunningTotals({
    days: timesByDay(row.days),
    rolledTo: row.rolled_to?.getTime() ?? 0,
    intervals: intervalsOf(row.intervals),
  });
  const all = totals.between(first, now);
  const times = totals.days(first, now);
  return {
    endpoint_id: row.id,
    name: row.name,
    group: row.group_name,
    status: row.status,
    uptime_percent: uptimeOf(all),
    coverage_percent: coverageOf(all),
    // At midnight sharp today has no time at all yet.
    days: days.map((day, index) => dayView(day, times[index] ?? noTime())),
  };
}

function dayView(day: string, times: StateTimes): UptimeDayDto {
  const states: DayStatesDto = {};
  for (const state of ENDPOINT_STATES) if (times[state] > 0) states[state] = times[state];
  return { day, uptime_percent: uptimeOf(times), states };
}
