import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One section of the settings that people change while the instance runs. A section never changed has no row. */
@Entity('settings')
export class Setting {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'settings_pkey' })
  name!: string;

  @Column('jsonb')
  value!: unknown;

  @Column('timestamptz')
  updated_at!: Date;

  /** Who: kind and id of the principal, as in `user 0199…`. Null: the instance itself. */
  @Column('text', { nullable: true })
  updated_by!: string | null;
}
