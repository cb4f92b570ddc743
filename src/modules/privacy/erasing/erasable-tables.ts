import type { DataSource } from 'typeorm';

export type ColumnKind = 'text' | 'jsonb' | 'text[]';

/** A table, or one partition of one, that may hold somebody. */
export interface ErasableTable {
  name: string;
  /** `error_occurrences` for each of its partitions. */
  parent: string;
  columns: readonly { name: string; kind: ColumnKind }[];
  /** Columns of the primary key, with their types. */
  key: readonly { name: string; type: string }[];
}

/** Names, kinds and digests that reports do not fill with personal data; to change them would break counts. */
const OTHER_COLUMNS = [
  'fingerprint',
  'level',
  'source',
  'environment',
  'environments',
  'platform',
  'release',
  'first_release',
  'newest_release',
  'resolved_in_release',
  'kind',
  'actor_kind',
  'actor_name',
  'resolution',
  'outcome',
  'reason',
  'status',
  'severity',
  'event_id',
];

/**
 * Everything about errors and incidents, as the database has it now, so that a table that comes later is not forgotten.
 * Tallies first: what is folded from them while we work is then found in the tables that follow.
 */
export async function erasableTables(dataSource: DataSource): Promise<ErasableTable[]> {
  return dataSource
    .query<ErasableTable[]>(
      `SELECT c.relname AS name, coalesce(parent.relname, c.relname) AS parent,
       (SELECT json_agg(json_build_object('name', a.attname, 'kind', format_type(a.atttypid, NULL)) ORDER BY a.attnum)
        FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
          AND format_type(a.atttypid, NULL) IN ('text', 'jsonb', 'text[]') AND a.attname <> ALL ($1)) AS columns,
       (SELECT json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, NULL)) ORDER BY a.attnum)
        FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
        WHERE i.indrelid = c.oid AND i.indisprimary) AS key
     FROM pg_class c
     LEFT JOIN pg_inherits inherits ON inherits.inhrelid = c.oid
     LEFT JOIN pg_class parent ON parent.oid = inherits.inhparent
     WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
       AND coalesce(parent.relname, c.relname) ~ '^(errors$|error_|incident)'
     ORDER BY c.relname <> 'error_tallies', c.relname`,
      [OTHER_COLUMNS],
    )
    .then((tables) => tables.filter(({ columns, key }) => columns !== null && key !== null));
}
