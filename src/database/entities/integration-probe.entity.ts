import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { Integration } from './integration.entity.js';

/** Outcome of one scheduled probe. Those of the last day are kept: they are the uptime. */
@Entity('integration_probes')
export class IntegrationProbe {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'integration_probes_pkey' })
  integration_id!: string;

  @ManyToOne(() => Integration, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'integration_id', foreignKeyConstraintName: 'integration_probes_integration_id_fkey' })
  integration!: Integration;

  @PrimaryColumn('timestamptz', { primaryKeyConstraintName: 'integration_probes_pkey' })
  probed_at!: Date;

  @Column('boolean')
  ok!: boolean;
}
