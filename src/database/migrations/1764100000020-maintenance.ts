import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Maintenance windows, and how far they have been applied to endpoints. */
export class Maintenance1764100000020 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE maintenance_windows (
        id uuid CONSTRAINT maintenance_windows_pkey PRIMARY KEY,
        title text NOT NULL,
        description text,
        all_endpoints boolean NOT NULL,
        endpoint_ids uuid[] NOT NULL DEFAULT '{}',
        groups text[] NOT NULL DEFAULT '{}',
        tags text[] NOT NULL DEFAULT '{}',
        starts_at timestamptz,
        ends_at timestamptz,
        cron text,
        duration_ms integer,
        time_zone text NOT NULL,
        enabled boolean NOT NULL,
        ended_at timestamptz,
        over_at timestamptz,
        managed_by text,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX idx_maintenance_windows_over_at ON maintenance_windows (over_at);

      CREATE TABLE maintenance_revision (
        id smallint CONSTRAINT maintenance_revision_pkey PRIMARY KEY CHECK (id = 1),
        revision integer NOT NULL DEFAULT 0,
        changed_at timestamptz NOT NULL DEFAULT now()
      );
      INSERT INTO maintenance_revision (id) VALUES (1);

      CREATE TABLE maintenance_progress (
        id smallint CONSTRAINT maintenance_progress_pkey PRIMARY KEY CHECK (id = 1),
        applied_until timestamptz NOT NULL DEFAULT now()
      );
      INSERT INTO maintenance_progress (id) VALUES (1);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE maintenance_progress, maintenance_revision, maintenance_windows');
  }
}
