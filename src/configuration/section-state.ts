import type { FieldProblem } from '../common/coded-exception.js';
import type { Declared, Existing } from './changes.js';
import type { ConfigurationProblem } from './configuration-error.js';
import { circlesIn, type Dependencies } from './dependencies.js';
import type { DocumentPath, ParsedDocument } from './parse-document.js';
import type { Resource } from './resource.js';

/** Complete settings, and where they stand in the file. */
export interface WantedItem {
  path: DocumentPath;
  settings: Declared;
}

/** What a file wants of one kind of thing, and what there is of it. */
export interface SectionState {
  resource: Resource;
  wanted: ReadonlyMap<string, WantedItem>;
  existing: ReadonlyMap<string, Existing>;
  /** Whether what a file once declared and this one does not is removed. */
  prune: boolean;
}

export function settingsOf(wanted: ReadonlyMap<string, WantedItem>): Map<string, Declared> {
  return new Map([...wanted].map(([name, { settings }]) => [name, settings]));
}

/** A problem with a field of the thing at `path`. */
export function problemOf(
  document: ParsedDocument,
  path: DocumentPath,
  name: unknown,
  { field, message }: FieldProblem,
): ConfigurationProblem {
  const problem = document.problemAt([...path, ...partsOf(field)], message);
  return typeof name === 'string' ? { ...problem, name } : problem;
}

/** What is wrong with things that are right by themselves: refused, in a circle, or in need of what is removed. */
export function problemsTogether(
  document: ParsedDocument,
  state: SectionState,
  endpoints: SectionState,
): ConfigurationProblem[] {
  const { resource, wanted, existing } = state;
  const problems = [...wanted].flatMap(([name, { path, settings }]) =>
    [
      ...resource.refusals(settings, existing.get(name)),
      ...removedOf(settings[resource.refersBy], endpoints).map((each) => ({
        field: resource.refersBy,
        message: `names ${JSON.stringify(each)}, which is not in this file and which --prune removes`,
      })),
    ].map((problem) => problemOf(document, path, name, problem)),
  );
  return state === endpoints ? [...problems, ...circleProblems(document, endpoints)] : problems;
}

/** What will depend on what, also outside the file. */
export function dependenciesOf({ wanted, existing }: SectionState): Dependencies {
  const all = new Map([...existing].map(([name, { settings }]) => [name, settings] as const));
  for (const [name, { settings }] of wanted) all.set(name, settings);
  return new Map([...all].map(([name, settings]) => [name, (settings['depends_on'] ?? []) as string[]]));
}

function circleProblems(document: ParsedDocument, endpoints: SectionState): ConfigurationProblem[] {
  return circlesIn(dependenciesOf(endpoints)).map((circle) => {
    // A circle was not there before: something in it is in the file.
    const name = circle.find((each) => endpoints.wanted.has(each)) ?? circle[0]!;
    const message =
      circle.length === 2
        ? 'must not name the endpoint itself'
        : `must not lead back to the endpoint itself: ${circle.join(' → ')}`;
    return problemOf(document, endpoints.wanted.get(name)?.path ?? [], name, {
      field: 'depends_on',
      message,
    });
  });
}

function removedOf(names: unknown, { wanted, existing, prune }: SectionState): string[] {
  if (!prune) return [];
  return (names as string[]).filter((name) => existing.get(name)?.managed && !wanted.has(name));
}

/** `options.schedule.cron` → its parts, numbers as such. */
function partsOf(field: string): (string | number)[] {
  return field
    .split(/[.[\]]+/)
    .filter(Boolean)
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}
