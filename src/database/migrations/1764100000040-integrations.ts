import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Services that Watchkeep sends through, and what its probes of them said in the last day. */
export class Integrations1764100000040 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE integrations (
        id uuid CONSTRAINT integrations_pkey PRIMARY KEY,
        name text NOT NULL UNIQUE,
        kind text NOT NULL,
        enabled boolean NOT NULL,
        settings jsonb NOT NULL,
        secrets_encrypted text,
        status text NOT NULL DEFAULT 'unknown',
        status_since timestamptz NOT NULL DEFAULT now(),
        last_checked_at timestamptz,
        last_response_ms real,
        last_error text,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      );

      CREATE TABLE integration_probes (
        integration_id uuid NOT NULL
          CONSTRAINT integration_probes_integration_id_fkey REFERENCES integrations ON DELETE CASCADE,
        probed_at timestamptz NOT NULL,
        ok boolean NOT NULL,
        CONSTRAINT integration_probes_pkey PRIMARY KEY (integration_id, probed_at)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE integration_probes, integrations');
  }
}
