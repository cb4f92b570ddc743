import { isDeepStrictEqual } from 'node:util';

/** Something that a configuration file declares, in the file’s words. */
export type Declared = Readonly<Record<string, unknown>>;

/** Something that exists, in the same words, with every default filled in. */
export interface Existing {
  id: string;
  settings: Declared;
  /** Whether it came from a configuration file. */
  managed: boolean;
}

export interface FieldChange {
  field: string;
  from: unknown;
  to: unknown;
}

/** What has to happen to one thing. */
export type Change =
  | { action: 'create'; name: string; settings: Declared }
  | { action: 'update'; name: string; id: string; settings: Declared; fields: FieldChange[] }
  | { action: 'delete'; name: string; id: string };

/**
 * What makes `existing` (by name) what `wanted` says. What is in no file stays, unless `prune` is set and a file once
 * declared it: what people made by hand is never removed.
 */
export function planChanges(
  wanted: ReadonlyMap<string, Declared>,
  existing: ReadonlyMap<string, Existing>,
  prune: boolean,
): Change[] {
  const changes: Change[] = [];
  for (const [name, settings] of wanted) {
    const known = existing.get(name);
    if (!known) {
      changes.push({ action: 'create', name, settings });
      continue;
    }
    const fields = changedFields(known.settings, settings);
    if (fields.length > 0 || !known.managed) {
      changes.push({ action: 'update', name, id: known.id, settings, fields });
    }
  }
  if (!prune) return changes;
  for (const [name, { id, managed }] of existing) {
    if (managed && !wanted.has(name)) changes.push({ action: 'delete', name, id });
  }
  return changes;
}

function changedFields(from: Declared, to: Declared): FieldChange[] {
  return [...new Set([...Object.keys(from), ...Object.keys(to)])]
    .filter((field) => !isDeepStrictEqual(from[field], to[field]))
    .map((field) => ({ field, from: from[field], to: to[field] }));
}
