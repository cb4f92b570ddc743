import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { EndpointState } from './endpoint-status.entity.js';

/**
 * The result of one check. Partitioned by day of `scheduled_at`.
 * The key is the slot, so that a batch which runs twice leaves one result.
 */
@Entity('checks')
// A BRIN index: TypeORM cannot describe it, but must know that it belongs here.
@Index('idx_checks_checked_at', { synchronize: false })
export class Check {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'checks_pkey' })
  endpoint_id!: string;

  /** The slot that was due. */
  @PrimaryColumn('timestamptz', { primaryKeyConstraintName: 'checks_pkey' })
  scheduled_at!: Date;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'checks_pkey' })
  region!: string;

  /** When it was really made. */
  @Column('timestamptz')
  checked_at!: Date;

  /** Null when nothing was measured (status `unknown`). */
  @Column('boolean', { nullable: true })
  ok!: boolean | null;

  /** What this check alone says: operational, degraded, major_outage or unknown. */
  @Column('text')
  status!: EndpointState;

  @Column('smallint', { nullable: true })
  status_code!: number | null;

  @Column('text', { nullable: true })
  error!: string | null;

  @Column('real', { nullable: true })
  response_time_ms!: number | null;

  @Column('real', { nullable: true })
  dns_ms!: number | null;

  @Column('real', { nullable: true })
  connect_ms!: number | null;

  @Column('real', { nullable: true })
  tls_ms!: number | null;

  @Column('real', { nullable: true })
  first_byte_ms!: number | null;

  @Column('real', { nullable: true })
  download_ms!: number | null;
}
