import type { EntityManager } from 'typeorm';
import type { LedgerOutcome } from '../../../database/entities/error-ledger-entry.entity.js';

const HOUR_MS = 3_600_000;

/** Sources that one hour tells apart: whoever reports may make names up. Those beyond share {@link OTHER_SOURCES}. */
export const MAX_SOURCES = 1_000;
export const OTHER_SOURCES = '(other)';

/** A number to be added to one line of the ledger. */
export interface LedgerRow {
  /** Any time within the hour. */
  at: Date;
  /** Empty when it is not known. */
  source: string;
  outcome: LedgerOutcome;
  /** One of a bounded set of words; empty when the outcome says it all. */
  reason: string;
  count: number;
}

/**
 * A source that the hour has not seen yet gets a line of its own while there is room. Two processes at the same time may
 * go beyond {@link MAX_SOURCES} by what each brings: no sum is wrong for it.
 */
const ADD = `
WITH given AS (
  SELECT hour, source, outcome, reason, sum(count)::bigint AS count
  FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::bigint[]) AS g (hour, source, outcome, reason, count)
  GROUP BY 1, 2, 3, 4
), known AS (
  SELECT h.hour, array_agg(DISTINCT l.source) AS sources
  FROM (SELECT DISTINCT hour FROM given) AS h JOIN error_ledger l USING (hour) GROUP BY 1
), ranked AS (
  SELECT g.*, g.source = ANY(k.sources) AS is_known, coalesce(cardinality(k.sources), 0) AS total,
    dense_rank() OVER (PARTITION BY g.hour, coalesce(g.source = ANY(k.sources), false) ORDER BY g.source) AS place
  FROM given g LEFT JOIN known k USING (hour)
)
INSERT INTO error_ledger (hour, source, outcome, reason, count)
SELECT hour, CASE WHEN is_known OR total + place <= ${MAX_SOURCES} THEN source ELSE '${OTHER_SOURCES}' END AS shown,
  outcome, reason, sum(count)
FROM ranked GROUP BY hour, shown, outcome, reason ORDER BY hour, shown, outcome, reason
ON CONFLICT (hour, source, outcome, reason) DO UPDATE SET count = error_ledger.count + excluded.count`;

/** Adds to the ledger, within the caller’s transaction. Locks lines in their order; take it as the last lock. */
export async function addToLedger(
  manager: Pick<EntityManager, 'query'>,
  rows: readonly LedgerRow[],
): Promise<void> {
  const given = rows.filter(({ count }) => count > 0);
  if (given.length === 0) return;
  await manager.query(ADD, [
    given.map(({ at }) => new Date(Math.floor(at.getTime() / HOUR_MS) * HOUR_MS)),
    given.map(({ source }) => source),
    given.map(({ outcome }) => outcome),
    given.map(({ reason }) => reason),
    given.map(({ count }) => count),
  ]);
}
