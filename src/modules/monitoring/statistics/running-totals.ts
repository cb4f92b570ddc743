import { ENDPOINT_STATES, type EndpointState } from '../../../database/entities/endpoint-status.entity.js';
import { noTime, type StateInterval, type StateTimes } from './state-time.js';

/** SQL: the midnight that the running totals of all endpoints reach; null before the first roll-up. */
export const ROLLED_TO = `(SELECT done_to FROM rollup_progress WHERE name = 'endpoint_days')`;

/**
 * SQL: a time in whole milliseconds. Ends are rounded, not lengths: what one interval loses the next one gains, and all
 * states together are exactly the time that went by.
 */
export function milliseconds(time: string): string {
  return `(date_part('epoch', ${time}) * 1000)::bigint`;
}

/** Times of many days: the numbers of the days, and for each state the milliseconds in it, in the same order. */
export type TimesColumns = Record<EndpointState, number[]> & {
  /** Null when there are none at all. */
  day: number[] | null;
};
export type IntervalRow = readonly [
  state: StateInterval['state'],
  started_at: number,
  ended_at: number | null,
];

/**
 * SQL: {@link TimesColumns} as JSON; `date` is a column of `from`. An array a column costs a quarter of what an array a
 * row does, and JSON is parsed several times faster than rows are.
 */
export function timesAsJson(date: string, from: string): string {
  const columns = ENDPOINT_STATES.map((state) => `'${state}', array_agg(${state}_ms)`);
  return `(SELECT json_build_object('day', array_agg(${date} - '1970-01-01'::date), ${columns.join(', ')}) FROM ${from})`;
}

/**
 * SQL: {@link IntervalRow}s as JSON, those of `endpoint` that touch the time since `since`. What is older is not even
 * looked at: an index leads to the interval that covers that moment.
 */
export function intervalsAsJson(endpoint: string, since: string): string {
  return `(SELECT coalesce(json_agg(json_build_array(state, ${milliseconds('started_at')}, ${milliseconds('ended_at')})), '[]')
    FROM endpoint_state_intervals
    WHERE endpoint_id = ${endpoint} AND started_at >= coalesce((
      SELECT max(started_at) FROM endpoint_state_intervals WHERE endpoint_id = ${endpoint} AND started_at <= ${since}
    ), '-infinity'))`;
}

export function timesByDay(columns: TimesColumns): Map<number, StateTimes> {
  return new Map(columns.day?.map((day, index) => [day, timesAt(columns, index)]));
}

export function intervalsOf(rows: readonly IntervalRow[]): StateInterval[] {
  return rows.map(([state, started_at, ended_at]) => ({ state, started_at, ended_at }));
}

function timesAt(columns: Record<EndpointState, number[]>, index: number): StateTimes {
  const times = noTime();
  for (const state of ENDPOINT_STATES) times[state] = columns[state][index]!;
  return times;
}
