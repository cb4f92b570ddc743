import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { Endpoint } from './endpoint.entity.js';

/** Which push endpoint the check-ins of a named monitor are for. */
@Entity('check_in_monitors')
export class CheckInMonitor {
  /** The project that it belongs to. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'check_in_monitors_pkey' })
  source!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'check_in_monitors_pkey' })
  monitor!: string;

  @Column('uuid')
  @Index('idx_check_in_monitors_endpoint_id')
  endpoint_id!: string;

  @ManyToOne(() => Endpoint, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'endpoint_id', foreignKeyConstraintName: 'check_in_monitors_endpoint_id_fkey' })
  endpoint!: Endpoint;

  /** JSON: the settings that it last came with. They are applied when they change, so that what people change stays. */
  @Column('text', { nullable: true })
  settings!: string | null;

  /** The runs that ended last, each with how: `<id> success`. Their starts may still be on the way. */
  @Column('text', { array: true, default: '{}' })
  ended!: string[];
}
