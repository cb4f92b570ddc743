import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** What an `Idempotency-Key` made, so that a repeated request makes it only once. */
@Entity('idempotency_keys')
export class IdempotencyKey {
  /** Who sent it and for what: `<principal id>:errors`. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'idempotency_keys_pkey' })
  scope!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'idempotency_keys_pkey' })
  key!: string;

  @Column('uuid')
  resource_id!: string;

  @Index('idx_idempotency_keys_created_at')
  @Column('timestamptz', { default: () => 'now()' })
  created_at!: Date;
}
