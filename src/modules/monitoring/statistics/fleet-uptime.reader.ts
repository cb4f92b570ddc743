import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ROLLED_TO } from './running-totals.js';
import { DAY_MS, dayName, dayNumber, startOfDay } from './state-time.js';
import { intervalsSince, overlapMs, uptimeColumns, uptimePercent } from './uptime.js';

/** Endpoints that are taken together: all of them, or those that the public may see. */
export type Fleet = 'all' | 'public';

/** Uptime of many endpoints together, in percent; null when nothing was measured. */
export interface FleetUptime {
  uptime_percent_24h: number | null;
  uptime_percent_7d: number | null;
  uptime_percent_30d: number | null;
  uptime_percent_90d: number | null;
}

interface FleetRow {
  /** Time up and time measured since each of the four times. */
  up: number[];
  known: number[];
  /** Running totals of all endpoints together, by the number of the day. */
  totals: [day: number, up: number, known: number][];
}

const MEMBERS: Record<Fleet, string> = {
  all: '',
  public: 'JOIN endpoints e ON e.id = endpoint_id AND e.public AND e.enabled',
};
const SINCE = ['$2', '$3', '$4', '$5'].map((parameter) => `${parameter}::timestamptz`);
const rolled = uptimeColumns('d');

/** What of `ms` was spent in states that count. */
const sums = (states: string): string =>
  `ARRAY[${SINCE.map((_, index) => `coalesce(sum(ms_${index}) FILTER (WHERE ${states}), 0)`).join(', ')}]::float8[]`;

/** Intervals since $6, for time since each of $2 to $5 up to $1; running totals at the ends of the days $7. */
export const fleetUptime = (fleet: Fleet): string => `
  SELECT ${sums(`state IN ('operational', 'degraded')`)} AS up,
    ${sums(`state NOT IN ('unknown', 'maintenance')`)} AS known,
    (SELECT coalesce(json_agg(json_build_array(day - '1970-01-01'::date, up, known)), '[]') FROM (
      SELECT day, sum(${rolled.up}) AS up, sum(${rolled.known}) AS known
      FROM endpoint_days d ${MEMBERS[fleet]} WHERE day = ANY($7::date[]) GROUP BY day
    ) t) AS totals
  FROM (
    SELECT i.state, ${SINCE.map((since, index) => `${overlapMs(since, '$1::timestamptz')} AS ms_${index}`).join(', ')}
    FROM ${intervalsSince('$6::timestamptz')} i ${MEMBERS[fleet]} OFFSET 0
  ) live`;

/** Parameters of {@link fleetUptime} and what its answer means, when running totals reach `rolledTo`. */
export function fleetQuestion(now: number, rolledTo: number) {
  const starts = [7, 30, 90].map((days) => startOfDay(now - days * DAY_MS));
  const since = [now - DAY_MS, ...starts.map((start) => Math.max(start, rolledTo))];
  const days = [...new Set([rolledTo, ...starts].map((midnight) => dayName(midnight - DAY_MS)))];
  const times = [now, ...since, Math.min(...since)].map((time) => new Date(time));
  return { parameters: [...times, days] as unknown[], starts };
}

/** Uptime of many endpoints together, at the same cost however long they have been watched. */
@Injectable()
export class FleetUptimeReader {
  constructor(private readonly dataSource: DataSource) {}

  async read(fleet: Fleet, now: Date): Promise<FleetUptime> {
    const [progress] = await this.dataSource.query<{ rolled_to: Date | null }[]>(
      `SELECT ${ROLLED_TO} AS rolled_to`,
    );
    const rolledTo = progress!.rolled_to?.getTime() ?? 0;
    const { parameters, starts } = fleetQuestion(now.getTime(), rolledTo);
    const [row] = await this.dataSource.query<[FleetRow]>(fleetUptime(fleet), parameters);
    const totals = new Map(row.totals.map(([day, up, known]) => [day, { up, known }]));
    const at = (midnight: number): { up: number; known: number } =>
      totals.get(dayNumber(midnight) - 1) ?? { up: 0, known: 0 };
    const percents = starts.map((start, index) => {
      const live = { up: row.up[index + 1]!, known: row.known[index + 1]! };
      if (start >= rolledTo) return uptimePercent(live.up, live.known);
      const [last, before] = [at(rolledTo), at(start)];
      return uptimePercent(live.up + last.up - before.up, live.known + last.known - before.known);
    });
    return {
      uptime_percent_24h: uptimePercent(row.up[0]!, row.known[0]!),
      uptime_percent_7d: percents[0]!,
      uptime_percent_30d: percents[1]!,
      uptime_percent_90d: percents[2]!,
    };
  }
}
