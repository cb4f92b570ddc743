import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What became of reports, hour by hour; and floods, told apart from what is usual. */
export class ErrorVolume1764200000060 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE error_ledger (
        hour timestamptz NOT NULL,
        source text NOT NULL,
        outcome text NOT NULL,
        reason text NOT NULL,
        count bigint NOT NULL,
        CONSTRAINT error_ledger_pkey PRIMARY KEY (hour, source, outcome, reason)
      ) WITH (fillfactor = 50);

      CREATE TABLE error_spikes (
        id uuid CONSTRAINT error_spikes_pkey PRIMARY KEY,
        source text NOT NULL,
        reports_limit integer NOT NULL,
        usual_reports double precision NOT NULL,
        peak_reports bigint NOT NULL,
        started_at timestamptz NOT NULL,
        over_at timestamptz NOT NULL,
        ended_at timestamptz
      );
      CREATE UNIQUE INDEX idx_error_spikes_open ON error_spikes (source) WHERE ended_at IS NULL;
      CREATE INDEX idx_error_spikes_started_at ON error_spikes (started_at);

      -- Worth nothing after a minute: it may be lost with a crash, and costs no log.
      CREATE UNLOGGED TABLE error_source_minutes (
        minute timestamptz NOT NULL,
        source text NOT NULL,
        reports bigint NOT NULL,
        CONSTRAINT error_source_minutes_pkey PRIMARY KEY (minute, source)
      ) WITH (fillfactor = 50);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE error_ledger, error_spikes, error_source_minutes');
  }
}
