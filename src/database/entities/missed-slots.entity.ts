import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Checks that nobody dispatched in time, by the hour in which that was noticed. */
@Entity('missed_slots')
export class MissedSlots {
  @PrimaryColumn('timestamptz', { primaryKeyConstraintName: 'missed_slots_pkey' })
  hour!: Date;

  @Column('bigint')
  count!: string;
}
