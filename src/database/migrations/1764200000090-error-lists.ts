import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A wildcard in a search asks for the values of one key that begin alike, of whatever source. */
export class ErrorLists1764200000090 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Neither column changes when a value is counted again, so counting stays within the row's page.
    await runner.query(
      'CREATE INDEX idx_error_tag_values_value ON error_tag_values (key, value text_pattern_ops)',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX idx_error_tag_values_value');
  }
}
