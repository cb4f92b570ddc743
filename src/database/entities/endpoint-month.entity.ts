import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { Endpoint } from './endpoint.entity.js';

/**
 * Milliseconds that an endpoint spent in each state in one month (UTC). Written once, when the month is over and settled,
 * and never changed: what was reported stays as it was.
 */
@Entity('endpoint_months')
export class EndpointMonth {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'endpoint_months_pkey' })
  endpoint_id!: string;

  @ManyToOne(() => Endpoint, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'endpoint_id', foreignKeyConstraintName: 'endpoint_months_endpoint_id_fkey' })
  endpoint!: Endpoint;

  /** Its first day. */
  @PrimaryColumn('date', { primaryKeyConstraintName: 'endpoint_months_pkey' })
  month!: string;

  @Column('bigint')
  operational_ms!: string;

  @Column('bigint')
  degraded_ms!: string;

  @Column('bigint')
  partial_outage_ms!: string;

  @Column('bigint')
  major_outage_ms!: string;

  @Column('bigint')
  maintenance_ms!: string;

  @Column('bigint')
  unknown_ms!: string;
}
