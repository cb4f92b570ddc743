import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Settings that people change while the instance runs, and persons who are to be erased. */
export class Settings1764200000050 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE settings (
        name text CONSTRAINT settings_pkey PRIMARY KEY,
        value jsonb NOT NULL,
        updated_at timestamptz NOT NULL,
        updated_by text
      );

      CREATE TABLE privacy_erasures (
        id uuid CONSTRAINT privacy_erasures_pkey PRIMARY KEY,
        status text NOT NULL,
        identity_hash text NOT NULL,
        identity_encrypted text,
        requested_by text NOT NULL,
        requested_at timestamptz NOT NULL,
        started_at timestamptz,
        beat_at timestamptz,
        finished_at timestamptz,
        done text[] NOT NULL DEFAULT '{}',
        tables integer,
        occurrences_changed bigint NOT NULL DEFAULT 0,
        groups_changed bigint NOT NULL DEFAULT 0,
        other_rows_changed bigint NOT NULL DEFAULT 0
      );
      CREATE INDEX idx_privacy_erasures_open ON privacy_erasures (requested_at) WHERE status <> 'done';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE privacy_erasures, settings');
  }
}
