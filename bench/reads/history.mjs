/** Every endpoint is down for this long at noon (UTC), on one day in so many; else it is up. */
export const OUTAGE_MS = 600_000;
export const OUTAGE_EVERY_DAYS = 10;

/** State intervals are kept for so many days, response times by the hour for so many. */
const INTERVAL_DAYS = 400;
const HOUR_DAYS = 90;
/** One endpoint in so many has response times by the hour: to write those of all would take many minutes. */
const HOURS_EVERY = 5;
/** Which endpoints have them. */
export const WITH_HOURS = `abs(uuid_hash(id)) % ${HOURS_EVERY} = 0`;

const TODAY = `date_trunc('day', now(), 'UTC')`;
/** Where hours end and single checks begin. */
const EDGE = `date_trunc('hour', now() - interval '5 minutes')`;
/** An endpoint is down on days that are this many ago, and ten more, and so on. */
const PHASE = `abs(uuid_hash(id) / 7) % ${OUTAGE_EVERY_DAYS}`;
/** Outages up to a day so many ago, from the one furthest back: a number without sign, which SQL rounds down. */
const outages = (ago) => `(${ago} - phase + ${OUTAGE_EVERY_DAYS}) / ${OUTAGE_EVERY_DAYS}`;
const noon = (ago) => `${TODAY} - ${ago} * interval '1 day' + interval '12 hours'`;

const INDEXES = {
  check_hours: [
    'ALTER TABLE check_hours DROP CONSTRAINT check_hours_pkey',
    'DROP INDEX idx_check_hours_started_at',
    'ALTER TABLE check_hours ADD CONSTRAINT check_hours_pkey PRIMARY KEY (endpoint_id, started_at, region)',
    'CREATE INDEX idx_check_hours_started_at ON check_hours (started_at)',
  ],
  check_days: [
    'ALTER TABLE check_days DROP CONSTRAINT check_days_pkey',
    'ALTER TABLE check_days ADD CONSTRAINT check_days_pkey PRIMARY KEY (endpoint_id, started_at, region)',
  ],
  endpoint_days: [
    'ALTER TABLE endpoint_days DROP CONSTRAINT endpoint_days_pkey',
    'DROP INDEX idx_endpoint_days_day',
    'ALTER TABLE endpoint_days ADD CONSTRAINT endpoint_days_pkey PRIMARY KEY (endpoint_id, day)',
    'CREATE INDEX idx_endpoint_days_day ON endpoint_days (day)',
  ],
};

/** Replaces the history of all endpoints by one of so many days, in the order in which the product would have written it. */
export async function writeHistory(database, days) {
  // Foreign keys are checked row by row: these millions are known to fit.
  await database.query('SET session_replication_role = replica');
  await database.query(
    'TRUNCATE check_hours, check_days, endpoint_days, endpoint_months, endpoint_state_intervals, checks',
  );
  await database.query(`UPDATE endpoints SET created_at = ${TODAY} - $1 * interval '1 day'`, [days]);
  await refill(database, 'endpoint_days', runningTotals, [days]);
  await refill(database, 'check_days', summaries('check_days', 'day', TODAY, 'true'), [days]);
  const hourDays = Math.min(HOUR_DAYS, Math.ceil(days / 10));
  await refill(database, 'check_hours', summaries('check_hours', 'hour', EDGE, WITH_HOURS), [hourDays]);
  await database.query(intervals, [Math.min(days, INTERVAL_DAYS)]);
  await database.query(singleChecks);
  await database.query(
    `UPDATE rollup_progress SET done_to = CASE name WHEN 'check_hours' THEN ${EDGE}
       WHEN 'endpoint_months' THEN NULL ELSE ${TODAY} END`,
  );
  await database.query('SET session_replication_role = DEFAULT');
}

/** Rows come in order of time, indexes afterwards: the same table, in a tenth of the time. */
async function refill(database, table, insert, parameters) {
  const statements = INDEXES[table];
  const [drop, create] = [
    statements.slice(0, statements.length / 2),
    statements.slice(statements.length / 2),
  ];
  for (const statement of drop) await database.query(statement);
  await database.query(insert, parameters);
  for (const statement of create) await database.query(statement);
}

const runningTotals = `
  INSERT INTO endpoint_days
  SELECT id, (${TODAY} AT TIME ZONE 'UTC')::date - ago,
    ($1::int - ago + 1) * 86400000::bigint - down, 0, 0, down, 0, 0
  FROM generate_series($1::int, 1, -1) ago, (SELECT id, ${PHASE} AS phase FROM endpoints) e,
    LATERAL (SELECT (${outages('$1::int')} - ${outages('ago - 1')}) * ${OUTAGE_MS}::bigint AS down) d`;

const summaries = (table, unit, end, chosen) => `
  INSERT INTO ${table}
    (endpoint_id, started_at, region, checks, failed, unmeasured, sum_us, min_ms, max_ms, buckets, counts)
  SELECT id, at, 'default', 4650, 0, 0, 465000000, 50, 180, buckets, counts
  FROM generate_series(${TODAY} - $1::int * interval '1 day', ${end} - interval '1 ${unit}', interval '1 ${unit}') at,
    (SELECT id FROM endpoints WHERE ${chosen}) e,
    (SELECT array_agg((100 + n)::smallint) AS buckets, array_agg(n * 10) AS counts FROM generate_series(1, 30) n) h`;

const intervals = `
  WITH outages AS (
    SELECT id, ago, min(ago) OVER (PARTITION BY id) = ago AS is_last, max(ago) OVER (PARTITION BY id) = ago AS is_first
    FROM (SELECT id, ${PHASE} AS phase FROM endpoints) e, generate_series(1, $1::int) ago
    WHERE ago % ${OUTAGE_EVERY_DAYS} = phase
  )
  INSERT INTO endpoint_state_intervals (endpoint_id, state, started_at, ended_at)
  SELECT id, 'operational', ${TODAY} - $1::int * interval '1 day', ${noon('ago')} FROM outages WHERE is_first
  UNION ALL
  SELECT id, 'major_outage', ${noon('ago')}, ${noon('ago')} + ${OUTAGE_MS} * interval '1 millisecond' FROM outages
  UNION ALL
  SELECT id, 'operational', ${noon('ago')} + ${OUTAGE_MS} * interval '1 millisecond',
    CASE WHEN NOT is_last THEN ${noon(`(ago - ${OUTAGE_EVERY_DAYS})`)} END
  FROM outages
  ORDER BY 3`;

const singleChecks = `
  INSERT INTO checks (endpoint_id, scheduled_at, region, checked_at, ok, status, status_code, response_time_ms)
  SELECT id, at, 'default', at + interval '0.3 seconds', true, 'operational', 200, 50 + 130 * random()
  FROM generate_series(${EDGE}, now() - interval '1 second', interval '1 minute') at, endpoints`;
