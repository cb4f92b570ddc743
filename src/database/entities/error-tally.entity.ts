import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/**
 * What one flush of reports adds to figures that may follow a few seconds later: hours, users, tags, the ledger.
 * Written in the transaction that counts, removed by the one that folds it: each report is folded exactly once.
 */
@Entity('error_tallies')
export class ErrorTally {
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'error_tallies_pkey',
  })
  id!: string;

  @Column('timestamptz', { default: () => 'now()' })
  written_at!: Date;

  /** JSON: an array of `Tally`. */
  @Column('text')
  entries!: string;

  /** How many occurrences of each entry were kept. */
  @Column('integer', { array: true })
  kept!: number[];
}
