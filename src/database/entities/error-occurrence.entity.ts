import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ErrorLevel } from './error-group.entity.js';

/** One report of an error. Partitioned by day of `received_at`. */
@Entity('error_occurrences')
export class ErrorOccurrence {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'error_occurrences_pkey' })
  error_id!: string;

  @PrimaryColumn('timestamptz', { primaryKeyConstraintName: 'error_occurrences_pkey' })
  received_at!: Date;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'error_occurrences_pkey' })
  id!: string;

  @Column('text')
  level!: ErrorLevel;

  @Column('text')
  message!: string;

  @Column('text', { nullable: true })
  stack_trace!: string | null;

  @Column('jsonb', { default: {} })
  context!: Record<string, unknown>;

  @Column('text', { nullable: true })
  environment!: string | null;

  @Column('text', { nullable: true })
  user_agent!: string | null;

  @Column('text', { nullable: true })
  ip_address!: string | null;

  @Column('text', { nullable: true })
  url!: string | null;

  @Column('text', { nullable: true })
  release!: string | null;

  /** 32 hex digits, as the reporter’s SDK calls the event. */
  @Column('text', { nullable: true })
  event_id!: string | null;

  /** When it happened by the reporter’s clock. */
  @Column('timestamptz', { nullable: true })
  occurred_at!: Date | null;

  /** Whom it hit: id, e-mail address, name or address, the first that is known. */
  @Column('text', { nullable: true })
  user_key!: string | null;

  @Column('jsonb', { nullable: true })
  tags!: Record<string, string> | null;

  /** What only the occurrence shows: exceptions with frames, breadcrumbs, the request… */
  @Column('jsonb', { nullable: true })
  details!: Record<string, unknown> | null;
}
