import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What endpoints report by themselves. */
export class Heartbeats1764100000050 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE endpoint_heartbeats (
        endpoint_id uuid CONSTRAINT endpoint_heartbeats_pkey PRIMARY KEY
          CONSTRAINT endpoint_heartbeats_endpoint_id_fkey REFERENCES endpoints ON DELETE CASCADE,
        last_ping_at timestamptz,
        last_kind text,
        run_started_at timestamptz,
        last_duration_ms bigint,
        last_exit_code smallint,
        last_message text,
        expected_at timestamptz
      ) WITH (fillfactor = 70);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE endpoint_heartbeats');
  }
}
