import { stringify } from 'csv-stringify/sync';
import type { QueryRunner } from 'typeorm';
import type { Selected } from './exported-kinds.js';
import { rowsOf } from './snapshot.js';

export const EXPORT_FORMATS = ['ndjson', 'csv'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export const MEDIA_TYPES: Record<ExportFormat, string> = {
  ndjson: 'application/x-ndjson; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
};

/** Rows as text, a few at a time. */
export const ROW_WRITERS: Record<
  ExportFormat,
  (runner: QueryRunner, selected: Selected) => AsyncGenerator<string>
> = { ndjson, csv };

/** PostgreSQL writes the JSON: a bigint keeps its digits, a time its microseconds. */
async function* ndjson(runner: QueryRunner, selected: Selected): AsyncGenerator<string> {
  const lines = `SELECT row_to_json(r)::text AS line FROM (${withTimes(selected)}) r`;
  for await (const rows of rowsOf<{ line: string }>(runner, lines, selected.values))
    yield rows.map(({ line }) => `${line}\n`).join('');
}

/**
 * RFC 4180. A value is written as in JSON, without the quotes of a string. A cell that a spreadsheet would take for a
 * formula gets an apostrophe before it: messages come from strangers. See OWASP, “CSV Injection”.
 */
async function* csv(runner: QueryRunner, selected: Selected): AsyncGenerator<string> {
  const { columns, lists, values } = selected;
  yield stringify([[...columns]], { record_delimiter: 'windows' });
  const texts = columns
    .map((column) => (lists.includes(column) ? `to_json(r."${column}")::text` : `r."${column}"::text`))
    .join(', ');
  const cells = `SELECT ARRAY[${texts}] AS cells FROM (${withTimes(selected)}) r`;
  for await (const rows of rowsOf<{ cells: (string | null)[] }>(runner, cells, values))
    yield stringify(
      rows.map((row) => row.cells),
      { record_delimiter: 'windows', escape_formulas: true },
    );
}

/** Times as the API writes them, with a Z, but to the microsecond. */
function withTimes({ columns, times, select }: Selected): string {
  const values = columns.map((column) =>
    times.includes(column)
      ? `to_char(s."${column}" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "${column}"`
      : `s."${column}"`,
  );
  return `SELECT ${values.join(', ')} FROM (${select}) s`;
}
