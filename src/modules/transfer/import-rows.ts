import type { DataSource, EntityManager } from 'typeorm';
import { badLine, type NumberedLine } from './bundle-lines.js';
import { columnsOf, emailKey } from './table-columns.js';
import { TRANSFER_TABLES, type TransferTable } from './transfer-tables.js';

/** Rows and characters that one statement inserts. */
const MAX_ROWS = 500;
const MAX_LENGTH = 4 * 1024 * 1024;

/** Inserts lines into their tables, those of a kind that follow each other together. */
export class ImportRows {
  readonly counts: Record<string, number> = {};
  private batch: NumberedLine[] = [];
  private length = 0;
  private shape = '';

  constructor(
    private readonly dataSource: DataSource,
    private readonly manager: EntityManager,
  ) {}

  async add(entry: NumberedLine): Promise<void> {
    const shape = shapeOf(entry);
    if (shape !== this.shape || this.batch.length === MAX_ROWS || this.length > MAX_LENGTH)
      await this.flush();
    this.shape = shape;
    this.batch.push(entry);
    this.length += entry.text.length;
  }

  async flush(): Promise<void> {
    const [first] = this.batch;
    if (!first) return;
    const table = tableOf(first);
    const insert = this.insertInto(table, first);
    await this.manager.query('SAVEPOINT batch');
    try {
      await this.insert(insert, this.batch);
    } catch {
      await this.manager.query('ROLLBACK TO batch');
      await this.findCulprit(insert);
    }
    this.counts[table.type] = (this.counts[table.type] ?? 0) + this.batch.length;
    this.batch = [];
    this.length = 0;
  }

  private insert(statement: string, entries: readonly NumberedLine[]): Promise<unknown> {
    return this.manager.query(statement, [`[${entries.map(({ text }) => text).join(',')}]`]);
  }

  private async findCulprit(statement: string): Promise<void> {
    for (const entry of this.batch) {
      try {
        await this.insert(statement, [entry]);
      } catch (error) {
        throw badLine(entry.number, `it cannot be stored: ${(error as Error).message}.`);
      }
    }
  }

  /** The values go to PostgreSQL as they stand in the file: nothing here reads a number or a time. */
  private insertInto(table: TransferTable, { number, line }: NumberedLine): string {
    const columns = columnsOf(this.dataSource, table);
    const users = new Map((table.users ?? []).map((column) => [emailKey(column), column]));
    const targets = Object.keys(line.data!).map((key) => {
      const user = users.get(key);
      if (user !== undefined)
        return { column: user, value: `(SELECT id FROM users WHERE email = e.line->'data'->>'${key}')` };
      if (!columns.includes(key))
        throw badLine(number, `“${key}” is not known here. Is the file from a later release?`);
      return { column: key, value: `r."${key}"` };
    });
    return `INSERT INTO ${table.table} (${targets.map(({ column }) => `"${column}"`).join(', ')})
      SELECT ${targets.map(({ value }) => value).join(', ')}
      FROM json_array_elements($1::json) WITH ORDINALITY AS e(line, place),
        json_populate_record(NULL::${table.table}, e.line->'data') AS r
      ORDER BY e.place ${table.conflict === undefined ? '' : `ON CONFLICT ${table.conflict}`}`;
  }
}

function tableOf({ number, line }: NumberedLine): TransferTable {
  const table = TRANSFER_TABLES.find(({ type }) => type === line.type);
  if (!table) throw badLine(number, `“${line.type}” is not known here. Is the file from a later release?`);
  return table;
}

/** Rows that one statement can insert have the same keys. */
function shapeOf({ number, line: { type, data } }: NumberedLine): string {
  if (typeof data !== 'object' || data === null) throw badLine(number, 'it has no data.');
  return `${type} ${Object.keys(data).join()}`;
}
