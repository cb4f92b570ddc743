import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A flood of reports of one source, from the minute that was too much to the last one that was. */
@Entity('error_spikes')
@Index('idx_error_spikes_open', ['source'], { unique: true, where: 'ended_at IS NULL' })
export class ErrorSpike {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'error_spikes_pkey' })
  id!: string;

  @Column('text')
  source!: string;

  /** Reports of a minute beyond which it is a spike. */
  @Column('integer')
  reports_limit!: number;

  /** Reports of a usual minute, when it began. */
  @Column('double precision')
  usual_reports!: number;

  /** Most reports of a minute so far, refused ones included. */
  @Column('bigint')
  peak_reports!: string;

  @Index('idx_error_spikes_started_at')
  @Column('timestamptz')
  started_at!: Date;

  /** When it was last beyond its limit. */
  @Column('timestamptz')
  over_at!: Date;

  @Column('timestamptz', { nullable: true })
  ended_at!: Date | null;
}
