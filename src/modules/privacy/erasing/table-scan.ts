import type { DataSource } from 'typeorm';
import type { ErasableTable } from './erasable-tables.js';

/** 8 MiB of rows a statement: far below any timeout. */
const PAGE_BLOCKS = 1_024;
const BLOCK_BYTES = 8_192;

export type RowKey = Record<string, string>;

/**
 * The keys of all rows that fit one of the patterns, page by page; a page may have none. All pages are read in one snapshot: a row that moves while others
 * write to it is neither missed nor found twice.
 */
export async function* findRows(
  dataSource: DataSource,
  table: ErasableTable,
  patterns: readonly string[],
): AsyncGenerator<RowKey[]> {
  const runner = dataSource.createQueryRunner();
  try {
    await runner.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const [size] = (await runner.query('SELECT pg_relation_size($1::regclass) AS bytes', [
      quoted(table.name),
    ])) as [{ bytes: string }];
    const blocks = Math.ceil(Number(size.bytes) / BLOCK_BYTES);
    for (let block = 0; block < blocks; block += PAGE_BLOCKS) {
      const rows = (await runner.query(pageOf(table), [
        `(${block},0)`,
        `(${block + PAGE_BLOCKS},0)`,
        patterns,
      ])) as RowKey[];
      yield rows;
    }
  } finally {
    await runner.query('ROLLBACK').catch(() => undefined);
    await runner.release();
  }
}

function pageOf({ name, columns, key }: ErasableTable): string {
  const texts = columns.map(({ name: column, kind }) =>
    kind === 'text' ? `'"' || ${quoted(column)} || '"'` : `${quoted(column)}::text`,
  );
  return `SELECT ${key.map((column) => `${quoted(column.name)}::text`).join(', ')} FROM ONLY ${quoted(name)}
    WHERE ctid >= $1::tid AND ctid < $2::tid AND concat_ws(' ', ${texts.join(', ')}) ILIKE ANY ($3::text[])`;
}

/** A name as PostgreSQL takes it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
