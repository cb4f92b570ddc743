import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** What is true of the installation as a whole: one row. */
@Entity('instance')
@Check('instance_id_check', 'id = 1')
export class Instance {
  @PrimaryColumn('smallint', { primaryKeyConstraintName: 'instance_pkey' })
  id!: number;

  /** SHA-256 of the one-time set-up token; null once an owner has claimed the instance. */
  @Column('bytea', { nullable: true })
  setup_token_hash!: Buffer | null;

  @Column('timestamptz', { default: () => 'now()' })
  created_at!: Date;
}
