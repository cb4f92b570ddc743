import type { DataSource } from 'typeorm';
import { TRANSFER_TABLES } from './transfer-tables.js';

/** About how many rows an export has: what the planner believes. */
export async function estimatedRows(dataSource: DataSource): Promise<number> {
  const tables = TRANSFER_TABLES.map(({ table }) => table);
  const [row] = await dataSource.query<{ rows: number }[]>(
    `SELECT coalesce(sum(greatest(c.reltuples, 0)), 0)::float8 AS rows FROM pg_class c
     LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
     WHERE c.relkind = 'r' AND (c.oid = ANY($1::regclass[]) OR i.inhparent = ANY($1::regclass[]))`,
    [tables],
  );
  return row!.rows;
}
