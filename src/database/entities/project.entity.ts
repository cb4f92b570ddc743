import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A program that reports errors. Errors carry its slug as their `source`. */
@Entity('projects')
export class Project {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'projects_pkey' })
  id!: string;

  /** Sentry’s SDKs want a number in the DSN. */
  @Column('integer', { unique: true })
  number!: number;

  @Column('text', { unique: true })
  slug!: string;

  @Column('text')
  name!: string;

  /** `javascript`, `python`… as whoever made it says; null when unknown. */
  @Column('text', { nullable: true })
  platform!: string | null;

  @Column('timestamptz', { default: () => 'now()' })
  created_at!: Date;

  @Column('timestamptz', { default: () => 'now()' })
  updated_at!: Date;
}
