import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Rules on how errors are grouped. */
export class Grouping1764200000020 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE grouping_rule_sets (
        version integer CONSTRAINT grouping_rule_sets_pkey PRIMARY KEY,
        rules jsonb NOT NULL,
        in_app jsonb NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE grouping_rule_sets');
  }
}
