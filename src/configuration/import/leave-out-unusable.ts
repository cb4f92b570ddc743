import { ConfigurationError, type ConfigurationProblem } from '../configuration-error.js';
import type { Imported } from './imported.js';

type ImportedDocument = Imported['document'];

const SECTIONS = ['endpoints', 'maintenance'] as const;

/**
 * The same document without what `check` refuses, and a warning for each thing that is left out: one monitor that cannot
 * be taken over as it is keeps no other from it.
 * @throws ConfigurationError for problems of the whole
 */
export async function leaveOutUnusable(
  document: ImportedDocument,
  check: (document: ImportedDocument) => Promise<void>,
): Promise<Imported> {
  const warnings: string[] = [];
  let left = document;
  // What is left out may bring to light what else does not do without it.
  for (;;) {
    try {
      await check(left);
      return { document: left, warnings };
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      const unusable = new Map<string, ConfigurationProblem[]>();
      for (const problem of error.problems) {
        const place = /^(?:endpoints|maintenance)\[\d+\]/.exec(problem.path)?.[0];
        if (place === undefined) throw error;
        unusable.set(place, [...(unusable.get(place) ?? []), problem]);
      }
      for (const [place, problems] of unusable) warnings.push(warningOf(place, problems));
      left = without(left, unusable);
    }
  }
}

/** `API: is left out: url must name a port` */
function warningOf(place: string, problems: readonly ConfigurationProblem[]): string {
  const reasons = problems.map(({ path, message }) =>
    [path.slice(place.length).replace(/^\./, ''), message].filter(Boolean).join(' '),
  );
  return `${problems[0]?.name ?? place}: is left out: ${reasons.join('; ')}`;
}

function without(document: ImportedDocument, unusable: ReadonlyMap<string, unknown>): ImportedDocument {
  const kept = SECTIONS.map((section) => [
    section,
    document[section]?.filter((_, index) => !unusable.has(`${section}[${index}]`)),
  ]);
  return {
    ...document,
    ...(Object.fromEntries(kept.filter(([, items]) => items)) as Partial<ImportedDocument>),
  };
}
