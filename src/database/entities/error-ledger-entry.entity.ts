import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What became of a report, or of the occurrence that it was kept as. */
export const LEDGER_OUTCOMES = [
  'accepted',
  'repeated',
  'limited',
  'sampled',
  'evicted',
  'invalid',
  'forbidden',
  'failed',
  'client_discarded',
] as const;
export type LedgerOutcome = (typeof LEDGER_OUTCOMES)[number];

/** How many reports of one source fared so within one hour. */
@Entity('error_ledger')
export class ErrorLedgerEntry {
  /** Its start. */
  @PrimaryColumn('timestamptz', { primaryKeyConstraintName: 'error_ledger_pkey' })
  hour!: Date;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'error_ledger_pkey' })
  source!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'error_ledger_pkey' })
  outcome!: LedgerOutcome;

  /** Empty when the outcome says it all. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'error_ledger_pkey' })
  reason!: string;

  @Column('bigint')
  count!: string;
}
