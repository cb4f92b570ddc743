/** What a condition reads beside `errors`. */
export type JoinedTable = 'figures' | 'facets';

/** A part of a `WHERE`. Values go in as parameters, never as text: `place` answers what stands for one. */
export interface Condition {
  sql: (place: (value: unknown) => string) => string;
  needs?: JoinedTable;
  /** Set on what holds for rows that the joined table knows nothing of: the opposite of a condition on it. */
  isOptional?: boolean;
}

const JOINS: Record<JoinedTable, string> = {
  figures: 'JOIN error_figures AS figures ON figures.error_id = errors.id',
  facets: 'JOIN error_facets AS facets ON facets.error_id = errors.id',
};

/** A condition on one column and value: `$` stands for the value, wherever it is needed. */
export function condition(sql: string, value: unknown, needs?: JoinedTable): Condition {
  return { sql: (place) => (sql.includes('$') ? sql.replaceAll('$', place(value)) : sql), needs };
}

export function opposite(of: Condition): Condition {
  return { ...of, sql: (place) => `(${of.sql(place)}) IS NOT TRUE`, isOptional: true };
}

/** What a list is taken from, with the values of its `$1`, `$2`… */
export interface Selection {
  from: string;
  where: string;
  values: unknown[];
}

/** The rows of a table called `errors` for which all conditions hold. */
export function select(
  from: string,
  conditions: readonly Condition[],
  joined: readonly JoinedTable[],
): Selection {
  const values: unknown[] = [];
  const place = (value: unknown): string => `$${values.push(value)}`;
  const where = conditions.map(({ sql }) => sql(place)).join(' AND ');
  return { from: [from, ...joinsOf(conditions, joined)].join(' '), where, values };
}

function joinsOf(conditions: readonly Condition[], joined: readonly JoinedTable[]): string[] {
  return (['figures', 'facets'] as const).flatMap((table) => {
    const using = conditions.filter(({ needs }) => needs === table);
    if (joined.includes(table) || using.some(({ isOptional }) => !isOptional)) return JOINS[table];
    return using.length > 0 ? `LEFT ${JOINS[table]}` : [];
  });
}
