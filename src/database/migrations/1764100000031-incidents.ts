import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Incidents, what was said about them, and the endpoints they concern. */
export class Incidents1764100000031 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE incidents (
        id uuid CONSTRAINT incidents_pkey PRIMARY KEY,
        title text NOT NULL,
        description text NOT NULL DEFAULT '',
        severity text NOT NULL,
        status text NOT NULL,
        source text NOT NULL,
        dedupe_key text,
        assigned_to text,
        affected_count integer NOT NULL DEFAULT 0,
        started_at timestamptz NOT NULL,
        resolved_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX idx_incidents_started_at ON incidents (started_at);
      CREATE INDEX idx_incidents_updated_at ON incidents (updated_at);
      CREATE INDEX idx_incidents_open ON incidents (started_at) WHERE resolved_at IS NULL;
      CREATE UNIQUE INDEX idx_incidents_dedupe_key ON incidents (dedupe_key) WHERE resolved_at IS NULL;

      CREATE TABLE incident_updates (
        id uuid CONSTRAINT incident_updates_pkey PRIMARY KEY,
        incident_id uuid NOT NULL
          CONSTRAINT incident_updates_incident_id_fkey REFERENCES incidents ON DELETE CASCADE,
        status text NOT NULL,
        body text NOT NULL,
        public boolean NOT NULL,
        author text,
        at timestamptz NOT NULL
      );
      CREATE INDEX idx_incident_updates_incident_id_at ON incident_updates (incident_id, at);

      CREATE TABLE incident_endpoints (
        incident_id uuid NOT NULL
          CONSTRAINT incident_endpoints_incident_id_fkey REFERENCES incidents ON DELETE CASCADE,
        endpoint_id uuid NOT NULL
          CONSTRAINT incident_endpoints_endpoint_id_fkey REFERENCES endpoints ON DELETE CASCADE,
        CONSTRAINT incident_endpoints_pkey PRIMARY KEY (incident_id, endpoint_id)
      );
      CREATE INDEX idx_incident_endpoints_endpoint_id ON incident_endpoints (endpoint_id);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE incident_endpoints, incident_updates, incidents');
  }
}
