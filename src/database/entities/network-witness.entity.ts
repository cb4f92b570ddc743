import { Column, Entity, PrimaryColumn } from 'typeorm';

/** When a region last reached a witness: one that has not been reached for long proves nothing by its silence. */
@Entity('network_witnesses')
export class NetworkWitness {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'network_witnesses_pkey' })
  region!: string;

  /** `host:port`. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'network_witnesses_pkey' })
  target!: string;

  @Column('timestamptz')
  reached_at!: Date;
}
