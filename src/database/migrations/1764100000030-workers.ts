import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the installation knows of itself: its running processes, the checks it missed, the witnesses it has reached. */
export class Workers1764100000030 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE workers (
        id uuid CONSTRAINT workers_pkey PRIMARY KEY,
        kind text NOT NULL,
        host text NOT NULL,
        pid integer NOT NULL,
        region text,
        queues text[] NOT NULL DEFAULT '{}',
        version text NOT NULL,
        started_at timestamptz NOT NULL,
        seen_at timestamptz NOT NULL,
        checks_last_minute integer,
        lateness_p50_ms real,
        lateness_p99_ms real,
        missed_slots_last_hour integer,
        network_lost_since timestamptz
      );

      CREATE TABLE missed_slots (
        hour timestamptz CONSTRAINT missed_slots_pkey PRIMARY KEY,
        count bigint NOT NULL
      );

      CREATE TABLE network_witnesses (
        region text NOT NULL,
        target text NOT NULL,
        reached_at timestamptz NOT NULL,
        CONSTRAINT network_witnesses_pkey PRIMARY KEY (region, target)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE network_witnesses, missed_slots, workers');
  }
}
