import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A version of a program, known since its first report. */
@Entity('releases')
@Index('idx_releases_first_seen', ['source', 'first_seen'])
export class Release {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'releases_pkey' })
  source!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'releases_pkey' })
  version!: string;

  @Column('timestamptz')
  first_seen!: Date;
}
