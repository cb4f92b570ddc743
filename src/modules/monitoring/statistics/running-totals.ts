import { ENDPOINT_STATES } from '../../../database/entities/endpoint-status.entity.js';
import { noTime, type StateInterval, type StateTimes } from './state-time.js';

/** SQL: the midnight that the running totals of all endpoints reach; null before the first roll-up. */
export const ROLLED_TO = `(SELECT done_to FROM rollup_progress WHERE name = 'endpoint_days')`;

/** A row of times: the number of its day, then the milliseconds in each state, in the order of the states. */
export type TimesRow = readonly [day: number, ...ms: number[]];
export type IntervalRow = readonly [
  state: StateInterval['state'],
  started_at: number,
  ended_at: number | null,
];

/** SQL: {@link TimesRow}s as JSON, which is parsed several times faster than rows are; `date` is a column of `from`. */
export function timesAsJson(date: string, from: string): string {
  const columns = ENDPOINT_STATES.map((state) => `${state}_ms`).join(', ');
  return `(SELECT coalesce(json_agg(json_build_array(${date} - '1970-01-01'::date, ${columns})), '[]') FROM ${from})`;
}

/**
 * SQL: {@link IntervalRow}s as JSON, those of `endpoint` that touch the time since `since`. What is older is not even
 * looked at: an index leads to the interval that covers that moment.
 */
export function intervalsAsJson(endpoint: string, since: string): string {
  const ms = (time: string): string => `(date_part('epoch', ${time}) * 1000)::bigint`;
  return `(SELECT coalesce(json_agg(json_build_array(state, ${ms('started_at')}, ${ms('ended_at')})), '[]')
    FROM endpoint_state_intervals
    WHERE endpoint_id = ${endpoint} AND started_at >= coalesce((
      SELECT max(started_at) FROM endpoint_state_intervals WHERE endpoint_id = ${endpoint} AND started_at <= ${since}
    ), '-infinity'))`;
}

export function timesByDay(rows: readonly TimesRow[]): Map<number, StateTimes> {
  return new Map(rows.map(([day, ...ms]) => [day, timesOf(ms)]));
}

export function intervalsOf(rows: readonly IntervalRow[]): StateInterval[] {
  return rows.map(([state, started_at, ended_at]) => ({ state, started_at, ended_at }));
}

function timesOf(ms: readonly number[]): StateTimes {
  const times = noTime();
  ENDPOINT_STATES.forEach((state, index) => (times[state] = ms[index]!));
  return times;
}
