import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The rules on how errors are grouped, as they were once; the highest version is the one that holds. */
@Entity('grouping_rule_sets')
export class GroupingRuleSet {
  @PrimaryColumn('integer', { primaryKeyConstraintName: 'grouping_rule_sets_pkey' })
  version!: number;

  /** Ordered: which reports are grouped by what. */
  @Column('jsonb')
  rules!: unknown[];

  /** Ordered: which calls are the user’s own code. */
  @Column('jsonb')
  in_app!: unknown[];

  @Column('timestamptz', { default: () => 'now()' })
  created_at!: Date;
}
