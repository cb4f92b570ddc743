import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { Endpoint } from './endpoint.entity.js';

/** The same for a day (UTC): its hours merged. Kept for good. */
@Entity('check_days')
export class CheckDay {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'check_days_pkey' })
  endpoint_id!: string;

  @ManyToOne(() => Endpoint, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'endpoint_id', foreignKeyConstraintName: 'check_days_endpoint_id_fkey' })
  endpoint!: Endpoint;

  /** Begin of the day. */
  @PrimaryColumn('timestamptz', { primaryKeyConstraintName: 'check_days_pkey' })
  started_at!: Date;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'check_days_pkey' })
  region!: string;

  /** Results, the unmeasured ones included. */
  @Column('integer')
  checks!: number;

  @Column('integer')
  failed!: number;

  /** Slots about which nothing was learned. */
  @Column('integer')
  unmeasured!: number;

  /** Sum of the response times, in microseconds: whole numbers add up the same in any order. Text from the driver. */
  @Column('bigint')
  sum_us!: string;

  @Column('real', { nullable: true })
  min_ms!: number | null;

  @Column('real', { nullable: true })
  max_ms!: number | null;

  /** Buckets of the response time that hold anything, ascending; see statistics/histogram.ts. */
  @Column('smallint', { array: true })
  buckets!: number[];

  /** How many response times each of them holds. */
  @Column('integer', { array: true })
  counts!: number[];
}
