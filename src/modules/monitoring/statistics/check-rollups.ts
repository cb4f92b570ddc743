import { bucketSql } from './histogram.js';

/** Columns of a summary, as they are stored. */
const SUMMARY = ['checks', 'failed', 'unmeasured', 'sum_us', 'min_ms', 'max_ms', 'buckets', 'counts'];

/**
 * How much later than its slot a check may be made and still be found: slots older than a day are not even recorded,
 * and this is what leaves all but a few partitions unread.
 */
const LATEST = `interval '2 days'`;

/** SQL: rows of `checks` whose `checked_at` lies from `from` up to `to`. */
export function checksBetween(from: string, to: string): string {
  return `checked_at >= ${from} AND checked_at < ${to}
    AND scheduled_at > ${from}::timestamptz - ${LATEST} AND scheduled_at < ${to}::timestamptz + ${LATEST}`;
}

/**
 * SQL: the summary (see response-summary.ts) of single checks, a row for each value of `keys`. Rows are counted by
 * bucket first, so that only a few dozen a key are left to be sorted into its histogram.
 */
export function summariseChecks(keys: Readonly<Record<string, string>>, condition: string): string {
  const names = Object.keys(keys).join(', ');
  const expressions = Object.entries(keys).map(([name, expression]) => `${expression} AS ${name}`);
  return `
  SELECT ${names}, sum(checks)::int AS checks, sum(failed)::int AS failed, sum(unmeasured)::int AS unmeasured,
    coalesce(sum(sum_us), 0)::bigint AS sum_us, min(min_ms) AS min_ms, max(max_ms) AS max_ms,
    coalesce(array_agg(bucket ORDER BY bucket) FILTER (WHERE bucket IS NOT NULL), '{}') AS buckets,
    coalesce(array_agg(checks::int ORDER BY bucket) FILTER (WHERE bucket IS NOT NULL), '{}') AS counts
  FROM (
    SELECT ${expressions.join(', ')}, ${bucketSql('response_time_ms')} AS bucket, count(*) AS checks,
      count(*) FILTER (WHERE NOT ok) AS failed, count(*) FILTER (WHERE ok IS NULL) AS unmeasured,
      sum((response_time_ms::float8 * 1000)::bigint)::bigint AS sum_us,
      min(response_time_ms) AS min_ms, max(response_time_ms) AS max_ms
    FROM checks WHERE ${condition} GROUP BY ${names}, bucket
  ) counted
  GROUP BY ${names}`;
}

const upsert = (table: string): string => `
  INSERT INTO ${table} (endpoint_id, started_at, region, ${SUMMARY.join(', ')})`;
const replacing = `
  ON CONFLICT (endpoint_id, started_at, region)
  DO UPDATE SET ${SUMMARY.map((column) => `${column} = excluded.${column}`).join(', ')}`;

/** Rolls up the hour from $1 to $2. */
export const ROLL_UP_HOUR = `${upsert('check_hours')}
  SELECT endpoint_id, $1::timestamptz, region, ${SUMMARY.map((column) => `s.${column}`).join(', ')}
  FROM (${summariseChecks({ endpoint_id: 'endpoint_id', region: 'region' }, checksBetween('$1', '$2'))}) s
  JOIN endpoints e ON e.id = s.endpoint_id
  ORDER BY endpoint_id ${replacing}`;

/** Merges the hours of the day from $1 to $2. Part $4 of $3 parts of all endpoints: a statement has to end in time. */
export const ROLL_UP_DAY = `
  WITH hours AS MATERIALIZED (
    SELECT * FROM check_hours
    WHERE started_at >= $1 AND started_at < $2 AND (uuid_hash(endpoint_id)::bigint & 2147483647) % $3 = $4
  ),
  histograms AS (
    SELECT endpoint_id, region, array_agg(bucket ORDER BY bucket) AS buckets, array_agg(held ORDER BY bucket) AS counts
    FROM (
      SELECT endpoint_id, region, bucket, sum(held)::int AS held
      FROM hours, unnest(buckets, counts) AS u(bucket, held) GROUP BY endpoint_id, region, bucket
    ) merged
    GROUP BY endpoint_id, region
  ),
  sums AS (
    SELECT endpoint_id, region, sum(checks)::int AS checks, sum(failed)::int AS failed,
      sum(unmeasured)::int AS unmeasured, sum(sum_us)::bigint AS sum_us, min(min_ms) AS min_ms, max(max_ms) AS max_ms
    FROM hours GROUP BY endpoint_id, region
  )
  ${upsert('check_days')}
  SELECT endpoint_id, $1::timestamptz, region, checks, failed, unmeasured, sum_us, min_ms, max_ms,
    coalesce(buckets, '{}'), coalesce(counts, '{}')
  FROM sums JOIN endpoints e ON e.id = sums.endpoint_id LEFT JOIN histograms USING (endpoint_id, region)
  ORDER BY endpoint_id ${replacing}`;
