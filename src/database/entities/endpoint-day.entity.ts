import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { Endpoint } from './endpoint.entity.js';

/**
 * Milliseconds that an endpoint had spent in each state since it was created, at the end of a day (UTC). These are
 * running totals: the time of any window of whole days is the difference of two rows, however long the window is.
 */
@Entity('endpoint_days')
export class EndpointDay {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'endpoint_days_pkey' })
  endpoint_id!: string;

  @ManyToOne(() => Endpoint, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'endpoint_id', foreignKeyConstraintName: 'endpoint_days_endpoint_id_fkey' })
  endpoint!: Endpoint;

  @Index('idx_endpoint_days_day')
  @PrimaryColumn('date', { primaryKeyConstraintName: 'endpoint_days_pkey' })
  day!: string;

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
