import { ENDPOINT_STATES } from '../../../database/entities/endpoint-status.entity.js';
import { milliseconds } from './running-totals.js';
import { intervalsSince } from './uptime.js';

const COLUMNS = ENDPOINT_STATES.map((state) => `${state}_ms`);

interface Sources {
  /** Endpoints with the first day, `first_day`, that is to be counted for each. */
  scope: string;
  /** The state intervals that touch that time. */
  intervals: string;
  /** Joins the running totals `b` of the day before to `s`. */
  before: string;
}

/** SQL: writes running totals at the end of each day up to $1. */
function runningTotals({ scope, intervals, before }: Sources): string {
  const start = `d.day::timestamp AT TIME ZONE 'UTC'`;
  const end = `(d.day + interval '1 day') AT TIME ZONE 'UTC'`;
  const spent = `${milliseconds(`least(coalesce(i.ended_at, ${end}), ${end})`)} - ${milliseconds(`greatest(i.started_at, ${start})`)}`;
  const sums = ENDPOINT_STATES.map(
    (state) => `coalesce(sum(${spent}) FILTER (WHERE i.state = '${state}'), 0) AS ${state}_ms`,
  );
  const running = COLUMNS.map(
    (column) =>
      `coalesce(b.${column}, 0) + sum(s.${column}) OVER (PARTITION BY s.endpoint_id ORDER BY s.day) AS ${column}`,
  );
  return `
  WITH scope AS (${scope}),
  spent AS (
    SELECT i.endpoint_id, scope.first_day, d.day::date AS day, ${sums.join(', ')}
    FROM scope JOIN ${intervals} i ON i.endpoint_id = scope.endpoint_id
    CROSS JOIN LATERAL generate_series(
      greatest(date_trunc('day', i.started_at AT TIME ZONE 'UTC'), scope.first_day),
      least(date_trunc('day', i.ended_at AT TIME ZONE 'UTC'), $1::date), interval '1 day') AS d(day)
    WHERE d.day >= scope.first_day
    GROUP BY i.endpoint_id, scope.first_day, d.day
  )
  INSERT INTO endpoint_days (endpoint_id, day, ${COLUMNS.join(', ')})
  SELECT s.endpoint_id, s.day, ${running.join(', ')}
  FROM spent s ${before}
  ORDER BY s.day, s.endpoint_id
  ON CONFLICT (endpoint_id, day) DO UPDATE SET ${COLUMNS.map((column) => `${column} = excluded.${column}`).join(', ')}`;
}

/** Rolls up the days from $2 to $1 for every endpoint. */
export const ROLL_UP_DAYS = runningTotals({
  scope: 'SELECT id AS endpoint_id, $2::date AS first_day FROM endpoints',
  intervals: intervalsSince(`($2::date::timestamp AT TIME ZONE 'UTC')`),
  before: 'LEFT JOIN endpoint_days b ON b.endpoint_id = s.endpoint_id AND b.day = $2::date - 1',
});

/** Takes the marks that say where running totals are wrong. A mark that comes from now on waits for this transaction. */
export const TAKE_STALE_DAYS = 'DELETE FROM stale_days RETURNING endpoint_id, day::text AS day';

/** Counts again up to the day $1, for the endpoints $2, each from its day in $3. */
export const CORRECT_DAYS = runningTotals({
  scope: `SELECT id AS endpoint_id, first_day
    FROM endpoints JOIN unnest($2::uuid[], $3::date[]) AS m(endpoint_id, first_day) ON m.endpoint_id = endpoints.id`,
  intervals: 'endpoint_state_intervals',
  // OFFSET keeps it from becoming a join with the whole table.
  before: `LEFT JOIN LATERAL (
    SELECT * FROM endpoint_days WHERE endpoint_id = s.endpoint_id AND day = s.first_day - 1 OFFSET 0) b ON true`,
});

/** Freezes the month that begins on $1 and whose last day is $2. */
export const FREEZE_MONTH = `
  INSERT INTO endpoint_months (endpoint_id, month, ${COLUMNS.join(', ')})
  SELECT d.endpoint_id, $1::date, ${COLUMNS.map((column) => `d.${column} - coalesce(b.${column}, 0)`).join(', ')}
  FROM endpoint_days d
  LEFT JOIN endpoint_days b ON b.endpoint_id = d.endpoint_id AND b.day = $1::date - 1
  WHERE d.day = $2::date
  ON CONFLICT DO NOTHING`;
