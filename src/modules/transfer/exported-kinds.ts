import type { DataSource } from 'typeorm';
import { columnsOf, exportedValues, shapesOf } from './table-columns.js';
import { TRANSFER_TABLES } from './transfer-tables.js';

export const EXPORT_KINDS = [
  'errors',
  'occurrences',
  'checks',
  'incidents',
  'settings',
  'endpoints',
] as const;
export type ExportKind = (typeof EXPORT_KINDS)[number];

/** What a file of rows holds. */
export interface Selected {
  columns: readonly string[];
  /** Those of them that are points in time. */
  times: readonly string[];
  /** Those of them that are arrays. */
  lists: readonly string[];
  /** Selects the columns, by name. */
  select: string;
  values: readonly unknown[];
}

interface KindOfRows {
  table: string;
  /** The time that `from` and `to` bound; without it there is nothing to bound. */
  time?: string;
  /** Columns that say nothing to anybody else. */
  omit?: readonly string[];
  /** Columns beyond the table’s own. */
  extra?: Readonly<Record<string, string>>;
}

const KINDS: Record<ExportKind, KindOfRows> = {
  errors: { table: 'errors', time: 'last_seen', omit: ['day', 'day_count', 'before_merge'] },
  occurrences: { table: 'error_occurrences', time: 'received_at', omit: ['user_key'] },
  checks: { table: 'checks', time: 'scheduled_at' },
  incidents: {
    table: 'incidents',
    time: 'started_at',
    omit: ['dedupe_key'],
    extra: {
      endpoints: `ARRAY(SELECT endpoint_id FROM incident_endpoints WHERE incident_id = t.id ORDER BY endpoint_id)`,
      updates: `(SELECT coalesce(json_agg(json_build_object('at', u.at, 'status', u.status, 'body', u.body,
        'public', u.public, 'author', u.author) ORDER BY u.at, u.id), '[]') FROM incident_updates u WHERE u.incident_id = t.id)`,
    },
  },
  settings: { table: 'settings', time: 'updated_at' },
  endpoints: { table: 'endpoints', time: 'created_at' },
};

/** The rows of a kind, from `from` to before `to`, without secrets. */
export function selectedRows(
  dataSource: DataSource,
  kind: ExportKind,
  { from, to }: { from?: Date; to?: Date },
): Selected {
  const { table, time, omit = [], extra = {} } = KINDS[kind];
  const transfer = TRANSFER_TABLES.find((each) => each.table === table)!;
  const shown = new Set(columnsOf(dataSource, transfer).filter((column) => !omit.includes(column)));
  const own = exportedValues(dataSource, { ...transfer, users: [] }, false).filter(({ key }) =>
    shown.has(key),
  );
  const all = [
    ...own.map(({ key }) => ({ key, expression: `t."${key}"` })),
    ...Object.entries(extra).map(([key, expression]) => ({ key, expression })),
  ];
  const { times, lists } = shapesOf(dataSource, table);
  const values: Date[] = [];
  const conditions = [
    ...(from ? [`t.${time} >= $${values.push(from)}`] : []),
    ...(to ? [`t.${time} < $${values.push(to)}`] : []),
  ];
  return {
    columns: all.map(({ key }) => key),
    times,
    lists: [...lists, ...(kind === 'incidents' ? ['endpoints'] : [])],
    select: `SELECT ${all.map(({ key, expression }) => `${expression} AS "${key}"`).join(', ')}
      FROM ${table} t WHERE ${conditions.join(' AND ') || 'true'}`,
    values,
  };
}
