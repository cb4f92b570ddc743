import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What was done to errors, what was said about them, and what mutes and merges must remember. */
export class ErrorActivities1764200000030 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE error_activities (
        id uuid CONSTRAINT error_activities_pkey PRIMARY KEY,
        error_id uuid NOT NULL CONSTRAINT error_activities_error_id_fkey REFERENCES errors ON DELETE CASCADE,
        at timestamptz NOT NULL,
        kind text NOT NULL,
        actor_kind text NOT NULL,
        actor_id uuid,
        actor_name text,
        details jsonb NOT NULL DEFAULT '{}'
      );
      CREATE INDEX idx_error_activities_error_id_at ON error_activities (error_id, at);

      CREATE TABLE error_mute_samples (
        error_id uuid NOT NULL CONSTRAINT error_mute_samples_error_id_fkey REFERENCES errors ON DELETE CASCADE,
        at timestamptz NOT NULL,
        count bigint NOT NULL,
        CONSTRAINT error_mute_samples_pkey PRIMARY KEY (error_id, at)
      );

      ALTER TABLE errors ADD COLUMN before_merge jsonb;
      CREATE INDEX idx_errors_mute_rate ON errors (id) WHERE muted AND mute_rate_count IS NOT NULL;
      CREATE INDEX idx_errors_muted_until ON errors (muted_until) WHERE muted AND muted_until IS NOT NULL;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX idx_errors_mute_rate, idx_errors_muted_until;
      ALTER TABLE errors DROP COLUMN before_merge;
      DROP TABLE error_mute_samples, error_activities;
    `);
  }
}
