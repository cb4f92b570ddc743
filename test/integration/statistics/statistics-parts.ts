import type { DataSource } from 'typeorm';
import type { Clock } from '../../../src/common/clock.js';
import type { EndpointState } from '../../../src/database/entities/endpoint-status.entity.js';
import { RollUpService } from '../../../src/modules/monitoring/statistics/roll-up.service.js';
import type { StateInterval } from '../../../src/modules/monitoring/statistics/state-time.js';
import { insertEndpoints } from '../monitoring/monitoring-parts.js';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export interface RawCheck {
  endpoint_id: string;
  checked_at: number;
  region: string;
  ok: boolean | null;
  response_time_ms: number | null;
}

export function makeRollUp(dataSource: DataSource, clock: Clock): RollUpService {
  return new RollUpService(dataSource, clock, { CHECK_RETENTION: 30 * DAY });
}

/** Makes an endpoint that was created when its first interval begins, with exactly these intervals. */
export async function insertHistory(
  dataSource: DataSource,
  intervals: readonly StateInterval[],
): Promise<string> {
  const [id] = await insertEndpoints(dataSource, [{ next_check_at: null }]);
  await dataSource.query('DELETE FROM endpoint_state_intervals WHERE endpoint_id = $1', [id]);
  await insertIntervals(dataSource, id!, intervals);
  await dataSource.query('UPDATE endpoints SET created_at = $2 WHERE id = $1', [
    id,
    new Date(intervals[0]!.started_at),
  ]);
  return id!;
}

export async function insertIntervals(
  dataSource: DataSource,
  id: string,
  intervals: readonly StateInterval[],
): Promise<void> {
  await dataSource.query(
    `INSERT INTO endpoint_state_intervals (endpoint_id, state, started_at, ended_at)
     SELECT $1, state, to_timestamp(started_at / 1000), to_timestamp(ended_at / 1000)
     FROM unnest($2::text[], $3::float8[], $4::float8[]) AS i(state, started_at, ended_at)`,
    [
      id,
      intervals.map((each) => each.state),
      intervals.map((each) => each.started_at),
      intervals.map((each) => each.ended_at),
    ],
  );
}

/** One state after the other from `start` on, each as long as given; the last one stays open. */
export function historyFrom(
  start: number,
  stays: readonly (readonly [state: EndpointState, length: number])[],
): StateInterval[] {
  let at = start;
  return stays.map(([state, length], index) => {
    const started_at = at;
    at += length;
    return { state, started_at, ended_at: index === stays.length - 1 ? null : at };
  });
}

export async function insertChecks(dataSource: DataSource, checks: readonly RawCheck[]): Promise<void> {
  await dataSource.query(
    `INSERT INTO checks (endpoint_id, scheduled_at, checked_at, region, ok, status, response_time_ms)
     SELECT endpoint_id, to_timestamp(checked_at / 1000) - interval '250 milliseconds',
       to_timestamp(checked_at / 1000), region, ok,
       CASE WHEN ok THEN 'operational' WHEN ok IS NULL THEN 'unknown' ELSE 'major_outage' END, response_time_ms
     FROM unnest($1::uuid[], $2::float8[], $3::text[], $4::boolean[], $5::real[])
       AS c(endpoint_id, checked_at, region, ok, response_time_ms)
     ON CONFLICT DO NOTHING`,
    [
      checks.map((each) => each.endpoint_id),
      checks.map((each) => each.checked_at),
      checks.map((each) => each.region),
      checks.map((each) => each.ok),
      checks.map((each) => each.response_time_ms),
    ],
  );
}
