import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Numbers for DSNs, projects for the sources that have reported so far, and monitors that check in by name. */
export class Projects1764200000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE SEQUENCE project_numbers AS integer MINVALUE 0 START 0;
      SELECT setval('project_numbers', 0);

      UPDATE api_keys SET public_key = replace(gen_random_uuid()::text, '-', '')
      WHERE 'ingest' = ANY(permissions) AND public_key IS NULL;

      INSERT INTO projects (id, number, slug, name)
      SELECT gen_random_uuid(), nextval('project_numbers'), source, source FROM (
        SELECT source FROM errors UNION SELECT coalesce(sources[1], 'default') FROM api_keys WHERE public_key IS NOT NULL
        ORDER BY source LIMIT 1000
      ) AS known
      ON CONFLICT DO NOTHING;

      CREATE TABLE check_in_monitors (
        source text NOT NULL,
        monitor text NOT NULL,
        endpoint_id uuid NOT NULL
          CONSTRAINT check_in_monitors_endpoint_id_fkey REFERENCES endpoints ON DELETE CASCADE,
        settings text,
        ended text[] NOT NULL DEFAULT '{}',
        CONSTRAINT check_in_monitors_pkey PRIMARY KEY (source, monitor)
      );
      CREATE INDEX idx_check_in_monitors_endpoint_id ON check_in_monitors (endpoint_id);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE check_in_monitors; DROP SEQUENCE project_numbers; DELETE FROM projects;');
  }
}
