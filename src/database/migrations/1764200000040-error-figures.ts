import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What is folded from tallies: errors by the hour, affected users, tags. Only `error_figures` has a foreign key, so
 * that a new group costs one check; the other tables follow it by trigger. Deleting a group waits for a fold that is
 * under way, and what the fold has written goes with it.
 */
export class ErrorFigures1764200000040 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE error_figures (
        error_id uuid CONSTRAINT error_figures_pkey PRIMARY KEY
          CONSTRAINT error_figures_error_id_fkey REFERENCES errors ON DELETE CASCADE,
        source text NOT NULL,
        count bigint NOT NULL,
        users integer NOT NULL
      ) WITH (fillfactor = 80);
      CREATE INDEX idx_error_figures_count ON error_figures (count, error_id);
      CREATE INDEX idx_error_figures_users ON error_figures (users, error_id);
      CREATE INDEX idx_error_figures_source_count ON error_figures (source, count, error_id);
      CREATE INDEX idx_error_figures_source_users ON error_figures (source, users, error_id);

      CREATE TABLE error_facets (
        error_id uuid CONSTRAINT error_facets_pkey PRIMARY KEY,
        users bytea,
        tags jsonb NOT NULL,
        terms text[] NOT NULL
      ) WITH (fillfactor = 70);
      CREATE INDEX idx_error_facets_terms ON error_facets USING gin (terms);

      CREATE TABLE error_hours (
        error_id uuid NOT NULL,
        hour timestamptz NOT NULL,
        count bigint NOT NULL,
        CONSTRAINT error_hours_pkey PRIMARY KEY (error_id, hour)
      ) WITH (fillfactor = 80);
      CREATE INDEX idx_error_hours_hour ON error_hours (hour);

      CREATE TABLE error_counts (
        hour timestamptz NOT NULL,
        source text NOT NULL,
        environment text NOT NULL,
        level text NOT NULL,
        count bigint NOT NULL,
        CONSTRAINT error_counts_pkey PRIMARY KEY (hour, source, environment, level)
      ) WITH (fillfactor = 70);

      CREATE TABLE error_tag_values (
        source text NOT NULL,
        key text NOT NULL,
        value text NOT NULL,
        count bigint NOT NULL,
        last_seen timestamptz NOT NULL,
        CONSTRAINT error_tag_values_pkey PRIMARY KEY (source, key, value)
      ) WITH (fillfactor = 70);

      CREATE FUNCTION delete_error_figures() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        DELETE FROM error_facets WHERE error_id IN (SELECT error_id FROM gone);
        DELETE FROM error_hours WHERE error_id IN (SELECT error_id FROM gone);
        RETURN NULL;
      END $$;
      CREATE TRIGGER error_figures_deleted AFTER DELETE ON error_figures REFERENCING OLD TABLE AS gone
        FOR EACH STATEMENT EXECUTE FUNCTION delete_error_figures();

      -- A search takes a common word for rare when too few messages were looked at.
      ALTER TABLE errors ALTER COLUMN message SET STATISTICS 500;
      ALTER TABLE error_facets ALTER COLUMN terms SET STATISTICS 500;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE errors ALTER COLUMN message SET STATISTICS -1;
      DROP TABLE error_tag_values, error_counts, error_hours, error_facets, error_figures;
      DROP FUNCTION delete_error_figures;
    `);
  }
}
