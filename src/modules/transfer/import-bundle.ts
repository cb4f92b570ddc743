import type { DataSource, EntityManager } from 'typeorm';
import { CodedException } from '../../common/coded-exception.js';
import type { SecretBox } from '../../common/secret-box.js';
import { ensurePartitionDays, PARTITIONED_TABLES } from '../../database/partitions.js';
import {
  type BundleHeader,
  type BundleTrailer,
  FORMAT_VERSION,
  HEADER_TYPE,
  type Line,
  SECRETS_PROBE,
  TRAILER_TYPE,
} from './bundle-format.js';
import { badLine, linesOf, type NumberedLine } from './bundle-lines.js';
import { ImportRows } from './import-rows.js';
import { TRANSFER_TABLES } from './transfer-tables.js';

/** Any constant that no other advisory lock of ours uses. */
const IMPORT_LOCK = 7_230_071;
/** Beyond so many, “many” is all that anybody needs to know. */
const COUNTED = 10_000;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Takes over a bundle, whole or not at all: everything is one transaction, so that a failed import leaves the instance
 * as empty as it was and can simply be made again.
 * @returns rows by type
 * @throws CodedException `CONFLICT` when the instance is not empty, `VALIDATION_FAILED` with the line
 */
export async function importBundle(
  dataSource: DataSource,
  source: AsyncIterable<Buffer | string>,
  box: SecretBox,
): Promise<Record<string, number>> {
  const lines = linesOf(source);
  try {
    const first = await lines.next();
    const header = headerOf(first.done ? undefined : first.value, box);
    await refuseUnlessEmpty(dataSource.manager);
    await makePartitions(dataSource, header);
    const counts = await dataSource.transaction(async (manager) => {
      await manager.query(`SET LOCAL TimeZone = 'UTC'`);
      await alone(manager);
      await refuseUnlessEmpty(manager);
      const rows = new ImportRows(dataSource, manager);
      await insertAll(lines, rows);
      await settle(manager);
      return rows.counts;
    });
    await analyze(dataSource);
    return counts;
  } finally {
    await lines.return(undefined);
  }
}

async function insertAll(lines: AsyncGenerator<NumberedLine>, rows: ImportRows): Promise<void> {
  for (;;) {
    const next = await lines.next();
    if (next.done)
      throw new CodedException('VALIDATION_FAILED', 'The file is cut off: its last line is missing.');
    if (next.value.line.type !== TRAILER_TYPE) {
      await rows.add(next.value);
      continue;
    }
    await rows.flush();
    compareCounts(next.value, rows.counts);
    if (!(await lines.next()).done)
      throw badLine(next.value.number + 1, 'there is more behind the last line.');
    return;
  }
}

function compareCounts({ number, line }: NumberedLine, found: Record<string, number>): void {
  const { counts } = line as unknown as BundleTrailer;
  for (const [type, count] of Object.entries(counts ?? {})) {
    const there = found[type] ?? 0;
    if (there !== count) throw badLine(number, `of type “${type}” there are ${there} lines, not ${count}.`);
  }
}

function headerOf(first: NumberedLine | undefined, box: SecretBox): BundleHeader {
  const line = first?.line as (Line & BundleHeader) | undefined;
  if (line?.type !== HEADER_TYPE)
    throw new CodedException(
      'VALIDATION_FAILED',
      'It is no export of Watchkeep: the first line is not its header.',
    );
  if (line.version !== FORMAT_VERSION)
    throw badLine(1, `its format is ${line.version}; this release reads ${FORMAT_VERSION}.`);
  if (line.secrets && !canOpen(box, line.secrets))
    throw badLine(
      1,
      'the secrets in it were encrypted with another SECRET_KEY. Use that, or export without secrets.',
    );
  return line;
}

function canOpen(box: SecretBox, sealed: string): boolean {
  try {
    return box.open(sealed) === SECRETS_PROBE;
  } catch {
    return false;
  }
}

/** Outside the transaction: a new partition locks its table, for reports too. */
async function makePartitions(dataSource: DataSource, { days }: BundleHeader): Promise<void> {
  for (const table of PARTITIONED_TABLES) {
    const wanted = days?.[table] ?? [];
    if (!wanted.every((day) => DAY.test(day))) throw badLine(1, 'its days are not dates.');
    await ensurePartitionDays(dataSource, table, wanted);
  }
}

async function alone(manager: EntityManager): Promise<void> {
  const [row] = await manager.query<{ locked: boolean }[]>('SELECT pg_try_advisory_xact_lock($1) AS locked', [
    IMPORT_LOCK,
  ]);
  if (!row!.locked) throw new CodedException('CONFLICT', 'Another import is under way.');
}

async function refuseUnlessEmpty(manager: EntityManager): Promise<void> {
  const roots = TRANSFER_TABLES.filter(({ isRoot }) => isRoot);
  const found = await manager.query<{ table: string; count: number }[]>(
    roots
      .map(
        ({ table }) =>
          `SELECT '${table}' AS table, count(*)::int FROM (SELECT FROM ${table} LIMIT ${COUNTED}) t`,
      )
      .join(' UNION ALL '),
  );
  const inTheWay = found.filter(({ count }) => count > 0);
  if (inTheWay.length === 0) return;
  const words = inTheWay.map(({ table, count }) => `${count === COUNTED ? 'many' : count} in ${table}`);
  throw new CodedException(
    'CONFLICT',
    `An import needs an empty instance. In the way: ${words.join(', ')}.`,
    inTheWay.map(({ table, count }) => ({ field: table, message: `${count} rows` })),
  );
}

/** What follows from rows that were not written the usual way. */
async function settle(manager: EntityManager): Promise<void> {
  await manager.query(
    `SELECT setval('project_numbers', greatest((SELECT coalesce(max(number), 0) FROM projects),
       (SELECT last_value FROM project_numbers)))`,
  );
  await manager.query('UPDATE maintenance_revision SET revision = revision + 1, changed_at = now()');
}

/** The planner knows nothing yet of what has come. It finds out by itself, too, only later. */
async function analyze(dataSource: DataSource): Promise<void> {
  for (const { table } of TRANSFER_TABLES) await dataSource.query(`ANALYZE ${table}`).catch(() => undefined);
}
