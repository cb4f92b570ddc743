import type { MigrationInterface, QueryRunner } from 'typeorm';

/** More kinds of endpoints, several regions, and what is known of an endpoint beneath the state that is shown. */
export class Monitoring1764100000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE endpoints
        ADD options jsonb NOT NULL DEFAULT '{}',
        ADD secret_options_encrypted text,
        ADD assertions jsonb NOT NULL DEFAULT '[]',
        ADD regions text[] NOT NULL DEFAULT '{}',
        ADD quorum text NOT NULL DEFAULT 'majority',
        ADD depends_on uuid[] NOT NULL DEFAULT '{}',
        ADD push_token_hash bytea,
        ADD managed_by text;
      CREATE UNIQUE INDEX idx_endpoints_push_token_hash ON endpoints (push_token_hash);

      ALTER TABLE endpoint_status
        ADD measured_status text NOT NULL DEFAULT 'unknown',
        ADD maintenance boolean NOT NULL DEFAULT false,
        ADD held boolean NOT NULL DEFAULT false,
        ADD flapping boolean NOT NULL DEFAULT false,
        ADD outcomes integer NOT NULL DEFAULT 1,
        ADD certificate_expires_at timestamptz;
      UPDATE endpoint_status SET measured_status = status;

      CREATE TABLE endpoint_region_status (
        endpoint_id uuid NOT NULL
          CONSTRAINT endpoint_region_status_endpoint_id_fkey REFERENCES endpoints ON DELETE CASCADE,
        region text NOT NULL,
        status text NOT NULL DEFAULT 'unknown',
        status_since timestamptz NOT NULL DEFAULT now(),
        consecutive_failures integer NOT NULL DEFAULT 0,
        consecutive_successes integer NOT NULL DEFAULT 0,
        last_slot timestamptz,
        last_checked_at timestamptz,
        last_response_ms real,
        last_error text,
        CONSTRAINT endpoint_region_status_pkey PRIMARY KEY (endpoint_id, region)
      ) WITH (fillfactor = 50);

      CREATE TABLE endpoint_certificates (
        endpoint_id uuid CONSTRAINT endpoint_certificates_pkey PRIMARY KEY
          CONSTRAINT endpoint_certificates_endpoint_id_fkey REFERENCES endpoints ON DELETE CASCADE,
        fingerprint text NOT NULL,
        subject text NOT NULL,
        issuer text NOT NULL,
        names text[] NOT NULL DEFAULT '{}',
        valid_from timestamptz NOT NULL,
        valid_to timestamptz NOT NULL,
        trusted boolean NOT NULL,
        problem text,
        chain jsonb NOT NULL DEFAULT '[]',
        seen_at timestamptz NOT NULL
      );
      CREATE INDEX idx_endpoint_certificates_valid_to ON endpoint_certificates (valid_to);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE endpoint_certificates, endpoint_region_status;
      ALTER TABLE endpoint_status DROP measured_status, DROP maintenance, DROP held, DROP flapping, DROP outcomes,
        DROP certificate_expires_at;
      ALTER TABLE endpoints DROP options, DROP secret_options_encrypted, DROP assertions, DROP regions, DROP quorum,
        DROP depends_on, DROP push_token_hash, DROP managed_by;
    `);
  }
}
