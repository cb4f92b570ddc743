import { Column, Entity, JoinColumn, OneToOne, PrimaryColumn } from 'typeorm';
import { Endpoint } from './endpoint.entity.js';

/** A mark: the running totals of this endpoint are to be counted again from this day (UTC) on. */
@Entity('stale_days')
export class StaleDay {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'stale_days_pkey' })
  endpoint_id!: string;

  @OneToOne(() => Endpoint, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'endpoint_id', foreignKeyConstraintName: 'stale_days_endpoint_id_fkey' })
  endpoint!: Endpoint;

  @Column('date')
  day!: string;
}
