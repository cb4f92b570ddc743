import { z } from 'zod';
import { ConfigurationError, type ConfigurationProblem } from './configuration-error.js';
import type { DocumentPath, ParsedDocument } from './parse-document.js';

const fields = z.record(z.string(), z.unknown());
const items = z.array(fields).default([]);

/** The file’s outline. What stands inside an endpoint or a window is checked by the rules of the API. */
const shape = z.strictObject({
  $schema: z.string().optional(),
  version: z.literal(1).default(1),
  defaults: fields.default({}),
  endpoints: items,
  groups: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(100),
        defaults: fields.default({}),
        endpoints: items,
      }),
    )
    .default([]),
  maintenance: items,
});

export const SECTIONS = ['endpoints', 'maintenance'] as const;
export type Section = (typeof SECTIONS)[number];

/** One thing that the file declares, and where. */
export interface DeclaredItem {
  path: DocumentPath;
  fields: Record<string, unknown>;
}

/**
 * The things that a file declares, with the defaults of the file and of their group filled in.
 * @throws ConfigurationError when the outline is wrong
 */
export function declaredItems(document: ParsedDocument): Record<Section, DeclaredItem[]> {
  const result = shape.safeParse(document.content ?? {});
  if (!result.success)
    throw new ConfigurationError(result.error.issues.map((issue) => told(document, issue)));
  const { defaults, endpoints, groups, maintenance } = result.data;
  return {
    endpoints: [
      ...endpoints.map((own, index) => ({ path: ['endpoints', index], fields: { ...defaults, ...own } })),
      ...groups.flatMap((group, groupIndex) =>
        group.endpoints.map((own, index) => ({
          path: ['groups', groupIndex, 'endpoints', index],
          fields: { ...defaults, ...group.defaults, group: group.name, ...own },
        })),
      ),
    ],
    maintenance: maintenance.map((own, index) => ({ path: ['maintenance', index], fields: own })),
  };
}

function told(document: ParsedDocument, issue: z.core.$ZodIssue): ConfigurationProblem {
  const path = issue.path.filter((part) => typeof part !== 'symbol');
  if (issue.code !== 'unrecognized_keys') return document.problemAt(path, issue.message);
  return document.problemAt([...path, issue.keys[0]!], `is not known here`);
}
