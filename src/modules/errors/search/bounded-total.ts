import type { DataSource } from 'typeorm';
import type { Selection } from './conditions.js';

/** Totals are counted up to here; above, the database’s estimate is good enough and costs nothing. */
export const EXACT_TOTAL = 10_000;
/** Counting may cost so much, in the planner’s unit (about a page read in order): some ten milliseconds. */
const MAX_COST = 3_000;

export interface Total {
  total: number;
  isEstimate: boolean;
}

interface Plan {
  'Total Cost': number;
  'Plan Rows': number;
  Plans?: [Plan];
}

/**
 * Exact up to {@link EXACT_TOTAL}, unless even that would cost too much, as with a word that half of all messages hold;
 * else the planner’s estimate. The cost of a list must not grow with what is stored.
 */
export async function boundedTotal(dataSource: DataSource, selection: Selection): Promise<Total> {
  const upTo = `SELECT FROM ${selection.from} WHERE ${selection.where} LIMIT ${EXACT_TOTAL + 1}`;
  const { 'Total Cost': cost, Plans: [of] = [] } = await planOf(dataSource, upTo, selection.values);
  const estimate = Math.round(of!['Plan Rows']);
  if (cost > MAX_COST || estimate > 2 * EXACT_TOTAL) return { total: estimate, isEstimate: true };
  const [counted] = await dataSource.query<{ count: number }[]>(
    `SELECT count(*)::int AS count FROM (${upTo}) AS counted`,
    selection.values,
  );
  const { count } = counted!;
  return count <= EXACT_TOTAL
    ? { total: count, isEstimate: false }
    : { total: Math.max(count, estimate), isEstimate: true };
}

/** How many rows the planner thinks there are. */
export async function estimatedRows(
  dataSource: DataSource,
  { from, where, values }: Selection,
): Promise<number> {
  const { 'Plan Rows': rows } = await planOf(dataSource, `SELECT FROM ${from} WHERE ${where}`, values);
  return rows;
}

async function planOf(dataSource: DataSource, statement: string, values: unknown[]): Promise<Plan> {
  const [row] = await dataSource.query<{ 'QUERY PLAN': [{ Plan: Plan }] }[]>(
    `EXPLAIN (FORMAT JSON) ${statement}`,
    values,
  );
  return row!['QUERY PLAN'][0].Plan;
}
