import type { MigrationInterface, QueryRunner } from 'typeorm';

const SUMMARY = `
  checks integer NOT NULL,
  failed integer NOT NULL,
  unmeasured integer NOT NULL,
  sum_us bigint NOT NULL,
  min_ms real,
  max_ms real,
  buckets smallint[] NOT NULL,
  counts integer[] NOT NULL`;

const STATE_TIMES = `
  operational_ms bigint NOT NULL,
  degraded_ms bigint NOT NULL,
  partial_outage_ms bigint NOT NULL,
  major_outage_ms bigint NOT NULL,
  maintenance_ms bigint NOT NULL,
  unknown_ms bigint NOT NULL`;

const endpointId = (table: string): string =>
  `endpoint_id uuid NOT NULL CONSTRAINT ${table}_endpoint_id_fkey REFERENCES endpoints ON DELETE CASCADE`;

/** What statistics read instead of single checks and state intervals. */
export class Rollups1764100000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE check_hours (
        ${endpointId('check_hours')},
        started_at timestamptz NOT NULL,
        region text NOT NULL,
        ${SUMMARY},
        CONSTRAINT check_hours_pkey PRIMARY KEY (endpoint_id, started_at, region)
      );
      CREATE INDEX idx_check_hours_started_at ON check_hours (started_at);

      CREATE TABLE check_days (
        ${endpointId('check_days')},
        started_at timestamptz NOT NULL,
        region text NOT NULL,
        ${SUMMARY},
        CONSTRAINT check_days_pkey PRIMARY KEY (endpoint_id, started_at, region)
      );

      CREATE TABLE endpoint_days (
        ${endpointId('endpoint_days')},
        day date NOT NULL,
        ${STATE_TIMES},
        CONSTRAINT endpoint_days_pkey PRIMARY KEY (endpoint_id, day)
      );
      CREATE INDEX idx_endpoint_days_day ON endpoint_days (day);

      CREATE TABLE endpoint_months (
        ${endpointId('endpoint_months')},
        month date NOT NULL,
        ${STATE_TIMES},
        CONSTRAINT endpoint_months_pkey PRIMARY KEY (endpoint_id, month)
      );

      CREATE TABLE stale_days (
        endpoint_id uuid CONSTRAINT stale_days_pkey PRIMARY KEY
          CONSTRAINT stale_days_endpoint_id_fkey REFERENCES endpoints ON DELETE CASCADE,
        day date NOT NULL
      );

      CREATE TABLE rollup_progress (
        name text CONSTRAINT rollup_progress_pkey PRIMARY KEY,
        done_to timestamptz
      );
      INSERT INTO rollup_progress (name)
        VALUES ('check_hours'), ('check_days'), ('endpoint_days'), ('endpoint_months');

      CREATE INDEX idx_checks_checked_at ON checks USING brin (checked_at)
        WITH (pages_per_range = 64, autosummarize = on);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX idx_checks_checked_at;
      DROP TABLE rollup_progress, stale_days, endpoint_months, endpoint_days, check_days, check_hours;
    `);
  }
}
