import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ROLLED_TO } from './running-totals.js';
import { DAY_MS, dayName, dayNumber, startOfDay } from './state-time.js';
import { intervalsSince, isKnown, isUp, overlapMs, uptimeColumns, uptimePercent } from './uptime.js';

/** Endpoints that are taken together: all of them, or those that the public may see. */
export type Fleet = 'all' | 'public';

/** Uptime of many endpoints together, in percent; null when nothing was measured. */
export interface FleetUptime {
  uptime_percent_24h: number | null;
  uptime_percent_7d: number | null;
  uptime_percent_30d: number | null;
  uptime_percent_90d: number | null;
}

/** Time up and time measured, in milliseconds. */
interface Times {
  up: number;
  known: number;
}

interface FleetRow {
  up_24h: number;
  known_24h: number;
  up: number;
  known: number;
  /** Running totals of all endpoints together, by the number of the day. */
  totals: [day: number, up: number, known: number][];
}

const MEMBERS: Record<Fleet, string> = {
  all: '',
  public: 'JOIN endpoints e ON e.id = endpoint_id AND e.public AND e.enabled',
};
const rolled = uptimeColumns('d');
const total = (ms: string, condition: string): string =>
  `coalesce(sum(${ms}) FILTER (WHERE ${condition}), 0)`;

/** Intervals of the last day (since $2) and of the time since $3 up to $1, and running totals at the ends of the days $5. */
export const fleetUptime = (fleet: Fleet): string => `
  SELECT ${total('day_ms', 'is_up')} AS up_24h, ${total('day_ms', 'is_known')} AS known_24h,
    ${total('live_ms', 'is_up')} AS up, ${total('live_ms', 'is_known')} AS known,
    (SELECT coalesce(json_agg(json_build_array(day - '1970-01-01'::date, up, known)), '[]') FROM (
      SELECT day, sum(${rolled.up}) AS up, sum(${rolled.known}) AS known
      FROM endpoint_days d ${MEMBERS[fleet]} WHERE day = ANY($5::date[]) GROUP BY day
    ) t) AS totals
  FROM (
    SELECT ${overlapMs('$2::timestamptz', '$1::timestamptz')} AS day_ms,
      ${overlapMs('$3::timestamptz', '$1::timestamptz')} AS live_ms,
      ${isUp('i.state')} AS is_up, ${isKnown('i.state')} AS is_known
    FROM ${intervalsSince('$4::timestamptz')} i ${MEMBERS[fleet]}
    OFFSET 0 -- or every length would be reckoned once for each of its sums
  ) lengths`;

/** What {@link fleetUptime} is asked: about live time since `since`, and about the running totals at `midnights`. */
export function fleetQuestion(now: number, since: number, midnights: readonly number[]): unknown[] {
  const dayAgo = now - DAY_MS;
  const times = [now, dayAgo, since, Math.min(dayAgo, since)].map((time) => new Date(time));
  return [...times, midnights.map((midnight) => dayName(midnight - DAY_MS))];
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
    const starts = [7, 30, 90].map((days) => startOfDay(now.getTime() - days * DAY_MS));
    const row = await this.ask(fleet, now, rolledTo, [rolledTo, ...starts]);
    const totals = new Map(row.totals.map(([number, up, known]) => [number, { up, known }]));
    const at = (midnight: number): Times => totals.get(dayNumber(midnight) - 1) ?? { up: 0, known: 0 };
    const percents = await Promise.all(
      starts.map(async (start) => {
        // Only after days without a roll-up does a window begin after the last one.
        const { up, known } = start < rolledTo ? row : await this.ask(fleet, now, start, []);
        const [last, before] = start < rolledTo ? [at(rolledTo), at(start)] : [at(0), at(0)];
        return uptimePercent(up + last.up - before.up, known + last.known - before.known);
      }),
    );
    return {
      uptime_percent_24h: uptimePercent(row.up_24h, row.known_24h),
      uptime_percent_7d: percents[0]!,
      uptime_percent_30d: percents[1]!,
      uptime_percent_90d: percents[2]!,
    };
  }

  private async ask(fleet: Fleet, now: Date, since: number, midnights: readonly number[]): Promise<FleetRow> {
    const parameters = fleetQuestion(now.getTime(), since, midnights);
    const [row] = await this.dataSource.query<[FleetRow]>(fleetUptime(fleet), parameters);
    return row;
  }
}
