import { isDeepStrictEqual } from 'node:util';
import { Document, Scalar, stringify } from 'yaml';
import type { Existing } from './changes.js';
import type { Names, Resource } from './resource.js';
import { literal } from './substitute.js';

export interface ExportOptions {
  /** Whether secrets stand in the file; otherwise references to environment variables do. */
  withSecrets: boolean;
}

/** What is there, as a configuration file that `apply` takes: what has its default value is left out. */
export async function exportDocument(
  resources: readonly Resource[],
  names: Names,
  { withSecrets }: ExportOptions,
): Promise<string> {
  const content: Record<string, unknown> = { version: 1 };
  for (const resource of resources) {
    const existing = [...(await resource.existing(names)).values()];
    if (existing.length === 0) continue;
    content[resource.section] = await Promise.all(
      existing.map(async (each) => {
        const brief = literally(await withoutDefaults(resource, each, names)) as Record<string, unknown>;
        return withSecrets ? brief : withReferences(brief, resource);
      }),
    );
  }
  const document = new Document(content);
  document.commentBefore = ' Applied with: npx watchkeep apply watchkeep.yaml';
  return stringify(document, { lineWidth: 120 });
}

/** What has another value than it would have if nothing were said. */
async function withoutDefaults(
  resource: Resource,
  { settings }: Existing,
  names: Names,
): Promise<Record<string, unknown>> {
  const defaults = await resource.defaults(settings, names);
  return Object.fromEntries(
    Object.entries(settings).filter(([field, value]) => !isDeepStrictEqual(value, defaults[field])),
  );
}

/** A value whose texts mean themselves when the file is applied. */
function literally(value: unknown): unknown {
  if (typeof value === 'string') return literal(value);
  if (Array.isArray(value)) return value.map(literally);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, literally(inner)]));
}

function withReferences(item: Record<string, unknown>, resource: Resource): Record<string, unknown> {
  const name = variableName(String(item[resource.key]));
  for (const path of resource.secrets(item))
    put(item, path, `\${${[name, ...path].map(variableName).join('_')}}`);
  return item;
}

/** In quotes: a secret of digits is no number. */
function put(item: Record<string, unknown>, path: readonly string[], reference: string): void {
  const parent = path.slice(0, -1).reduce<Record<string, unknown>>((inner, part) => {
    return inner[part] as Record<string, unknown>;
  }, item);
  const value = new Scalar(reference);
  value.type = Scalar.QUOTE_DOUBLE;
  parent[path.at(-1)!] = value;
}

function variableName(text: string): string {
  return text
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .replace(/^(?=\d)/, '_');
}
