import type { EntityManager } from 'typeorm';

/** The number of an advisory lock that merging and taking apart hold. It means nothing else. */
const REGROUPING = 7_230_030;

/** Who merges or takes apart does it alone, until the end of the transaction: it is rare, and chains stay flat. */
export function regroupAlone(manager: EntityManager): Promise<unknown> {
  return manager.query('SELECT pg_advisory_xact_lock($1)', [REGROUPING]);
}

/** Until the end of the transaction nothing is merged or taken apart. */
export function whileNobodyRegroups(manager: EntityManager): Promise<unknown> {
  return manager.query('SELECT pg_advisory_xact_lock_shared($1)', [REGROUPING]);
}
