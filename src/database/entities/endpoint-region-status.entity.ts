import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import type { EndpointState } from './endpoint-status.entity.js';
import { Endpoint } from './endpoint.entity.js';

/** What one region knows of an endpoint that is checked from several. */
@Entity('endpoint_region_status')
export class EndpointRegionStatus {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'endpoint_region_status_pkey' })
  endpoint_id!: string;

  @ManyToOne(() => Endpoint, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'endpoint_id', foreignKeyConstraintName: 'endpoint_region_status_endpoint_id_fkey' })
  endpoint!: Endpoint;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'endpoint_region_status_pkey' })
  region!: string;

  @Column('text', { default: 'unknown' })
  status!: EndpointState;

  @Column('timestamptz', { default: () => 'now()' })
  status_since!: Date;

  @Column('integer', { default: 0 })
  consecutive_failures!: number;

  @Column('integer', { default: 0 })
  consecutive_successes!: number;

  @Column('timestamptz', { nullable: true })
  last_slot!: Date | null;

  @Column('timestamptz', { nullable: true })
  last_checked_at!: Date | null;

  @Column('real', { nullable: true })
  last_response_ms!: number | null;

  @Column('text', { nullable: true })
  last_error!: string | null;
}
