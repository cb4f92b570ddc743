import { randomBytes } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { isUniqueViolation } from '../../../common/database-failure.js';
import type { ErasableTable } from './erasable-tables.js';
import type { Identity } from './identity.js';
import { ERASED, PersonEraser } from './person-eraser.js';
import { quoted, type RowKey } from './table-scan.js';

type Row = Record<string, unknown>;

/** Erases somebody from rows. */
export class RowEraser {
  readonly person: PersonEraser;

  constructor(private readonly identity: Identity) {
    this.person = new PersonEraser(identity);
  }

  /** Locks the rows, and changes those that still hold the person. Answers their keys. */
  async erase(manager: EntityManager, table: ErasableTable, keys: readonly RowKey[]): Promise<RowKey[]> {
    const changed: RowKey[] = [];
    for (const row of await lockRows(manager, table, keys)) {
      const changes = this.changesOf(table, row);
      if (Object.keys(changes).length === 0) continue;
      await update(manager, table, row, changes);
      await this.forgetAddress(manager, row, changes);
      changed.push(row as RowKey);
    }
    return changed;
  }

  /** The columns that are to hold something else. */
  changesOf({ columns }: ErasableTable, row: Row): Row {
    const isTheirs = this.person.isPerson(row['user_key']);
    const eraser = isTheirs ? new PersonEraser(this.identity, ownWords(row)) : this.person;
    const changes: Row = {};
    for (const { name } of columns) {
      const value = row[name];
      const erased = eraseColumn(eraser, name, value);
      if (erased !== value) changes[name] = erased;
    }
    if (isTheirs && row['ip_address'] != null) changes['ip_address'] = null;
    if (changes['user_key'] !== undefined) changes['user_key'] = null;
    return changes;
  }

  /** A group shows the address of its newest report: it goes when that report was theirs. */
  private async forgetAddress(manager: EntityManager, row: Row, changes: Row): Promise<void> {
    if (row['error_id'] === undefined || row['ip_address'] == null || changes['ip_address'] !== null) return;
    await manager.query(
      `UPDATE errors SET ip_address = NULL
       WHERE id IN (SELECT coalesce(merged_into, id) FROM errors WHERE id = $1) AND ip_address = $2`,
      [row['error_id'], row['ip_address']],
    );
  }
}

/** In somebody’s own report their address is theirs too, and so is all that it says about the user. */
function ownWords(row: Row): string[] {
  const words = [row['ip_address']];
  for (const holder of [row['context'], row['details']]) {
    const user = (holder as { user?: unknown } | null | undefined)?.user;
    if (typeof user !== 'object' || user === null) continue;
    const { email, username, ip_address } = user as Row;
    words.push(email, username, ip_address);
  }
  return words.flatMap((word) =>
    typeof word === 'string' && word.length >= 6 && !word.startsWith('[') ? [word] : [],
  );
}

function eraseColumn(eraser: PersonEraser, name: string, value: unknown): unknown {
  if (typeof value !== 'string') return eraser.eraseValue(value, name);
  // Tallies are JSON in a text.
  if (name !== 'entries')
    return name === 'ip_address' && eraser.isPerson(value) ? null : eraser.eraseValue(value, name);
  const parsed: unknown = JSON.parse(value);
  const erased = eraser.eraseValue(parsed);
  return erased === parsed ? value : JSON.stringify(erased);
}

async function lockRows(
  manager: EntityManager,
  table: ErasableTable,
  keys: readonly RowKey[],
): Promise<Row[]> {
  const columns = [...new Set([...table.key, ...table.columns].map(({ name }) => name))];
  const selected = columns.map((name) => {
    const type = table.key.find((column) => column.name === name)?.type;
    return type && type !== 'text' ? `t.${quoted(name)}::text AS ${quoted(name)}` : `t.${quoted(name)}`;
  });
  const given = table.key.map(({ type }, index) => `$${index + 1}::text[]::${type}[]`);
  const names = table.key.map(({ name }) => quoted(name));
  return manager.query<Row[]>(
    `SELECT ${selected.join(', ')} FROM ONLY ${quoted(table.name)} t
     JOIN unnest(${given.join(', ')}) AS given (${names.join(', ')}) USING (${names.join(', ')})
     ORDER BY ${names.map((name) => `t.${name}`).join(', ')} FOR UPDATE OF t`,
    table.key.map(({ name }) => keys.map((key) => key[name])),
  );
}

async function update(manager: EntityManager, table: ErasableTable, row: Row, changes: Row): Promise<void> {
  const isInKey = table.key.some(({ name }) => name in changes);
  if (!isInKey) return write(manager, table, row, changes);
  await manager.query('SAVEPOINT taken');
  try {
    await write(manager, table, row, changes);
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    // Somebody erased before stands there already. The counts of both are kept apart.
    await manager.query('ROLLBACK TO SAVEPOINT taken');
    await write(manager, table, row, distinguished(table, changes));
  }
}

function distinguished(table: ErasableTable, changes: Row): Row {
  const mark = `[Erased ${randomBytes(4).toString('hex')}]`;
  const inKey = (name: string) => table.key.some((column) => column.name === name);
  return Object.fromEntries(
    Object.entries(changes).map(([name, value]) => [
      name,
      inKey(name) && typeof value === 'string' ? value.replaceAll(ERASED, mark) : value,
    ]),
  );
}

async function write(manager: EntityManager, table: ErasableTable, row: Row, changes: Row): Promise<void> {
  const names = Object.keys(changes);
  const values = names.map((name) => {
    const kind = table.columns.find((column) => column.name === name)?.kind;
    return kind === 'jsonb' ? JSON.stringify(changes[name]) : changes[name];
  });
  const sets = names.map((name, index) => `${quoted(name)} = $${index + 1}`);
  const where = table.key.map(
    ({ name, type }, index) => `${quoted(name)} = $${names.length + index + 1}::text::${type}`,
  );
  await manager.query(
    `UPDATE ONLY ${quoted(table.name)} SET ${sets.join(', ')} WHERE ${where.join(' AND ')}`,
    [...values, ...table.key.map(({ name }) => row[name])],
  );
}
