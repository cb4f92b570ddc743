import { Column, Entity, PrimaryColumn } from 'typeorm';

export const ROLLUPS = ['check_hours', 'check_days', 'endpoint_days', 'endpoint_months'] as const;
export type RollupName = (typeof ROLLUPS)[number];

/** How far each rollup has come. Its row is locked while it goes on. */
@Entity('rollup_progress')
export class RollupProgress {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'rollup_progress_pkey' })
  name!: RollupName;

  /** Everything before this time is rolled up; null while nothing is. */
  @Column('timestamptz', { nullable: true })
  done_to!: Date | null;
}
