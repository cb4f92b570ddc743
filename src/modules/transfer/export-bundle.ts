import type { DataSource, QueryRunner } from 'typeorm';
import type { SecretBox } from '../../common/secret-box.js';
import { VERSION } from '../../common/version.js';
import { PARTITIONED_TABLES, partitionDays } from '../../database/partitions.js';
import { type BundleHeader, type BundleTrailer, FORMAT_VERSION, SECRETS_PROBE } from './bundle-format.js';
import { inSnapshot, rowsOf } from './snapshot.js';
import { exportedValues } from './table-columns.js';
import { TRANSFER_TABLES, type TransferTable } from './transfer-tables.js';

export interface BundleOptions {
  /** Seals secrets, which are then part of the bundle; without it they are left out. */
  box?: SecretBox;
  now: Date;
  /** Told how many lines were written, every now and then. */
  onProgress?: (lines: number) => void;
}

/** Everything of an instance, line by line, as it is at one moment. */
export function exportBundle(dataSource: DataSource, options: BundleOptions): AsyncGenerator<string> {
  return inSnapshot(dataSource, (runner) => bundle(dataSource, runner, options));
}

async function* bundle(
  dataSource: DataSource,
  runner: QueryRunner,
  { box, now, onProgress }: BundleOptions,
): AsyncGenerator<string> {
  yield toLine(await header(runner, box, now));
  const counts: Record<string, number> = {};
  for (const table of TRANSFER_TABLES) {
    counts[table.type] = 0;
    for (const part of table.parts ?? ['true']) {
      const select = selectRows(dataSource, table, part, box !== undefined);
      for await (const rows of rowsOf<{ data: string }>(runner, select)) {
        counts[table.type]! += rows.length;
        yield rows.map(({ data }) => `{"type":"${table.type}","data":${data}}\n`).join('');
        onProgress?.(rows.length);
      }
    }
  }
  yield toLine({ type: 'end', counts } satisfies BundleTrailer);
}

/** PostgreSQL writes the JSON: a bigint keeps its digits, a time its microseconds. */
function selectRows(
  dataSource: DataSource,
  table: TransferTable,
  condition: string,
  withSecrets: boolean,
): string {
  const values = exportedValues(dataSource, table, withSecrets)
    .map(({ key, expression }) => `${expression} AS "${key}"`)
    .join(', ');
  return `SELECT row_to_json(r)::text AS data FROM (SELECT ${values} FROM ${table.table} t WHERE ${condition}) r`;
}

async function header(runner: QueryRunner, box: SecretBox | undefined, now: Date): Promise<BundleHeader> {
  const days: Record<string, string[]> = {};
  for (const table of PARTITIONED_TABLES) days[table] = await partitionDays(runner, table);
  return {
    type: 'watchkeep-export',
    version: FORMAT_VERSION,
    product: VERSION,
    exported_at: now.toISOString(),
    secrets: box?.seal(SECRETS_PROBE) ?? null,
    days,
  };
}

function toLine(value: BundleHeader | BundleTrailer): string {
  return `${JSON.stringify(value)}\n`;
}
