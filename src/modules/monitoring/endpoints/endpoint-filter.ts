import type { EndpointFilter } from './dto/endpoints-query.dto.js';

/** A condition on endpoints `e` and their states `s`, with the values of its parameters. */
export interface Condition {
  sql: string;
  values: unknown[];
}

/** @param first the number of its first parameter */
export function conditionOf(filter: EndpointFilter, first: number): Condition {
  const values: unknown[] = [];
  const value = (given: unknown): string => `$${first + values.push(given) - 1}`;
  const parts = [
    filter.search && `${SEARCHED} ILIKE ${value(`%${escapePattern(filter.search)}%`)}`,
    filter.group !== undefined && `e.group_name = ${value(filter.group)}`,
    filter.tag && `e.tags @> ${value(filter.tag)}::text[]`,
    filter.status && `s.status = ANY(${value(filter.status)}::text[])`,
    filter.kind && `e.kind = ANY(${value(filter.kind)}::text[])`,
    filter.enabled !== undefined && `e.enabled = ${value(filter.enabled)}`,
  ].filter(Boolean);
  return { sql: parts.length > 0 ? parts.join(' AND ') : 'true', values };
}

/** One text a row, so that it is looked through once; no line that is searched for has a line break in it. */
const SEARCHED = `concat_ws(E'\\n', e.name, e.url, e.group_name, array_to_string(e.tags, E'\\n'))`;

function escapePattern(text: string): string {
  return text.replaceAll(/[\\%_]/g, String.raw`\$&`);
}
