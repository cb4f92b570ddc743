import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Errors have a life, projects have a DSN, and what follows from reports is folded from tallies. */
export class ErrorTracking1764200000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE projects (
        id uuid CONSTRAINT projects_pkey PRIMARY KEY,
        number integer NOT NULL UNIQUE,
        slug text NOT NULL UNIQUE,
        name text NOT NULL,
        platform text,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      );

      ALTER TABLE api_keys
        ADD COLUMN public_key text UNIQUE,
        ADD COLUMN errors_per_minute integer;

      ALTER TABLE errors
        ADD COLUMN culprit text,
        ADD COLUMN platform text,
        ADD COLUMN first_release text,
        ADD COLUMN newest_release text,
        ADD COLUMN newest_release_at timestamptz,
        ADD COLUMN day date NOT NULL DEFAULT '-infinity',
        ADD COLUMN day_count integer NOT NULL DEFAULT 0,
        ADD COLUMN resolution text,
        ADD COLUMN resolved_in_release text,
        ADD COLUMN muted boolean NOT NULL DEFAULT false,
        ADD COLUMN muted_until timestamptz,
        ADD COLUMN mute_until_count bigint,
        ADD COLUMN mute_rate_count integer,
        ADD COLUMN mute_rate_minutes integer,
        ADD COLUMN unmuted_at timestamptz,
        ADD COLUMN assigned_to uuid CONSTRAINT errors_assigned_to_fkey REFERENCES users ON DELETE SET NULL,
        ADD COLUMN merged_into uuid CONSTRAINT errors_merged_into_fkey REFERENCES errors ON DELETE CASCADE;
      CREATE INDEX idx_errors_assigned_to ON errors (assigned_to, last_seen_minute) WHERE assigned_to IS NOT NULL;
      CREATE INDEX idx_errors_muted ON errors (last_seen_minute) WHERE muted;
      CREATE INDEX idx_errors_merged_into ON errors (merged_into) WHERE merged_into IS NOT NULL;

      ALTER TABLE error_occurrences
        ADD COLUMN release text,
        ADD COLUMN event_id text,
        ADD COLUMN occurred_at timestamptz,
        ADD COLUMN user_key text,
        ADD COLUMN tags jsonb,
        ADD COLUMN details jsonb;

      CREATE TABLE error_last_occurrences (
        error_id uuid CONSTRAINT error_last_occurrences_pkey PRIMARY KEY,
        received_at timestamptz NOT NULL,
        id uuid NOT NULL,
        level text NOT NULL,
        message text NOT NULL,
        stack_trace text,
        context jsonb NOT NULL DEFAULT '{}',
        environment text,
        user_agent text,
        ip_address text,
        url text,
        release text,
        event_id text,
        occurred_at timestamptz,
        user_key text,
        tags jsonb,
        details jsonb
      ) WITH (fillfactor = 50);

      CREATE TABLE error_tallies (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT error_tallies_pkey PRIMARY KEY,
        written_at timestamptz NOT NULL DEFAULT now(),
        entries text NOT NULL,
        kept integer[] NOT NULL
      );

      CREATE TABLE releases (
        source text NOT NULL,
        version text NOT NULL,
        first_seen timestamptz NOT NULL,
        CONSTRAINT releases_pkey PRIMARY KEY (source, version)
      );
      CREATE INDEX idx_releases_first_seen ON releases (source, first_seen);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE releases, error_tallies, error_last_occurrences, projects;
      ALTER TABLE api_keys DROP COLUMN public_key, DROP COLUMN errors_per_minute;
      ALTER TABLE error_occurrences DROP COLUMN release, DROP COLUMN event_id, DROP COLUMN occurred_at,
        DROP COLUMN user_key, DROP COLUMN tags, DROP COLUMN details;
      ALTER TABLE errors DROP COLUMN culprit, DROP COLUMN platform, DROP COLUMN first_release,
        DROP COLUMN newest_release, DROP COLUMN newest_release_at, DROP COLUMN day, DROP COLUMN day_count,
        DROP COLUMN resolution, DROP COLUMN resolved_in_release, DROP COLUMN muted, DROP COLUMN muted_until,
        DROP COLUMN mute_until_count, DROP COLUMN mute_rate_count, DROP COLUMN mute_rate_minutes,
        DROP COLUMN unmuted_at, DROP COLUMN assigned_to, DROP COLUMN merged_into;
    `);
  }
}
