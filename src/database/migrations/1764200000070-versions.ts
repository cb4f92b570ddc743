import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What cached answers depend on has a version: a sequence, moved by triggers so that no writer can forget to. While a
 * transaction that has moved one is not yet over, it holds a shared lock that tells so: see src/common/cache/versions.ts.
 */
export class Versions1764200000070 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE SEQUENCE version_errors;
      CREATE SEQUENCE version_services;
      CREATE SEQUENCE version_metrics;
      SELECT nextval('version_errors'), nextval('version_services'), nextval('version_metrics');

      CREATE FUNCTION move_version() RETURNS trigger LANGUAGE plpgsql AS $$
      DECLARE
        version oid := TG_ARGV[0]::regclass;
      BEGIN
        PERFORM pg_advisory_xact_lock_shared(7230070, version::int4);
        PERFORM nextval(version);
        RETURN NULL;
      END $$;
    `);
    for (const table of ['errors', 'error_figures', 'error_facets', 'projects'])
      await this.watch(runner, table, 'version_errors');
    for (const table of ['endpoints', 'integrations']) await this.watch(runner, table, 'version_services');
    await this.watch(runner, 'system_metrics', 'version_metrics');
    // Every check changes a row here. Only another state is worth an answer of its own; INSERT comes with the endpoint.
    await runner.query(`
      CREATE TRIGGER move_version AFTER UPDATE ON endpoint_status FOR EACH ROW
        WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION move_version('version_services')`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP FUNCTION move_version CASCADE;
      DROP SEQUENCE version_errors, version_services, version_metrics`);
  }

  private async watch(runner: QueryRunner, table: string, version: string): Promise<void> {
    await runner.query(`
      CREATE TRIGGER move_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON ${table}
        FOR EACH STATEMENT EXECUTE FUNCTION move_version('${version}')`);
  }
}
