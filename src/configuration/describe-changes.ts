import type { Change, FieldChange } from './changes.js';

const SIGNS = { create: '+', update: '~', delete: '-' } as const;
/** Fields whose values are not for a screen. */
const SECRET = new Set(['headers', 'auth', 'options', 'body']);
const MAX_VALUE = 100;

/** One line a change, and one a field: `~ endpoint API` / `    interval: 1m → 30s`. */
export function describeChanges(kind: string, changes: readonly Change[]): string[] {
  return changes.flatMap((change) => [
    `${SIGNS[change.action]} ${kind} ${change.name}`,
    ...(change.action === 'update' ? fieldLines(change.fields) : []),
  ]);
}

function fieldLines(fields: readonly FieldChange[]): string[] {
  if (fields.length === 0) return ['    comes from the file from now on'];
  return fields.map(({ field, from, to }) =>
    SECRET.has(field) ? `    ${field}: changed` : `    ${field}: ${shown(from)} → ${shown(to)}`,
  );
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'none');
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text;
}
