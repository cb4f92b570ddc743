import { Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';

/** How the minified scripts of a release were made, so that their stack traces can be read. */
@Entity('source_maps')
@Unique('source_maps_place_key', ['source', 'release', 'dist', 'path'])
@Index('idx_source_maps_debug_id', ['source', 'debug_id'], { where: 'debug_id IS NOT NULL' })
@Index('idx_source_maps_used_at', ['used_at'])
export class SourceMap {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'source_maps_pkey' })
  id!: string;

  /** The program: slug of its project. */
  @Column('text')
  source!: string;

  /** Its version. */
  @Column('text')
  release!: string;

  /** Which of several builds of the version; empty when there is one. */
  @Column('text', { default: '' })
  dist!: string;

  /** Path of the script: `~/static/app.min.js`. */
  @Column('text')
  path!: string;

  /** What the bundler wrote into script and map; null when it did not. */
  @Column('text', { nullable: true })
  debug_id!: string | null;

  /** The map, compressed with gzip. */
  @Column('bytea')
  content!: Buffer;

  /** Of the map, in bytes. */
  @Column('integer')
  size!: number;

  /** Of what is stored, in bytes. */
  @Column('integer')
  stored_size!: number;

  @Column('timestamptz', { default: () => 'now()' })
  created_at!: Date;

  /** When it was last needed, to a day; it expires by that. */
  @Column('timestamptz', { default: () => 'now()' })
  used_at!: Date;
}
