import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Source maps, with which stack traces of minified scripts are read. */
export class SourceMaps1764200000080 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE source_maps (
        id uuid CONSTRAINT source_maps_pkey PRIMARY KEY,
        source text NOT NULL,
        release text NOT NULL,
        dist text NOT NULL DEFAULT '',
        path text NOT NULL,
        debug_id text,
        content bytea NOT NULL,
        size integer NOT NULL,
        stored_size integer NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        used_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT source_maps_place_key UNIQUE (source, release, dist, path)
      );
      -- It is compressed already.
      ALTER TABLE source_maps ALTER COLUMN content SET STORAGE EXTERNAL;
      CREATE INDEX idx_source_maps_debug_id ON source_maps (source, debug_id) WHERE debug_id IS NOT NULL;
      CREATE INDEX idx_source_maps_used_at ON source_maps (used_at);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE source_maps');
  }
}
