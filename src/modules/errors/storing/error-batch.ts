import type { ErrorLevel } from '../../../database/entities/error-group.entity.js';
import type { Alias } from './aliases.js';
import { ContextUnion } from './context-union.js';
import type { OnceKey } from './once-keys.js';
import type { ErrorReport } from '../error-report.js';
import type { Grouping } from '../grouping/fingerprint.js';

/** One report on its way into the database. */
export interface PendingError {
  /** Id of the occurrence; of the group too when the report opens one. */
  id: string;
  receivedAt: Date;
  report: ErrorReport;
  /** The report’s context as JSON, made once. */
  contextJson: string;
  grouping: Grouping;
  /** So that a repeated report counts once. */
  once?: OnceKey;
  /** Set on the way to the database: id of the merged group that the report belongs to by itself. */
  mergedId?: string | undefined;
}

/** What the reports of one flush add to one group. */
export interface BatchGroup {
  /** Of the group that counts them: merged groups are counted under another. */
  fingerprint: string;
  /** The reports, in order of arrival. */
  members: PendingError[];
  /** The worst of them. */
  level: ErrorLevel;
  /** Without repetition. */
  environments: string[];
}

const SEVERITY: Record<ErrorLevel, number> = { debug: 0, info: 1, warning: 2, error: 3 };

/**
 * Puts the reports of one flush into groups, sorted by fingerprint: all processes lock groups in that order,
 * so that no two of them can wait for each other.
 */
export function groupBatch(
  items: readonly PendingError[],
  aliasOf: (fingerprint: string) => Alias | undefined = () => undefined,
): BatchGroup[] {
  const groups = new Map<string, BatchGroup>();
  for (const item of items) {
    const alias = aliasOf(item.grouping.fingerprint);
    item.mergedId = alias?.id;
    const fingerprint = alias?.fingerprint ?? item.grouping.fingerprint;
    const group = groups.get(fingerprint);
    if (group) join(group, item);
    else groups.set(fingerprint, open(item, fingerprint));
  }
  return [...groups.values()].sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1));
}

/** What the reports of a group together say about it, as JSON; null for one alone, whose context is at hand already. */
export function mergedContextJson({ members }: BatchGroup): string | null {
  if (members.length === 1) return null;
  const union = new ContextUnion();
  for (const { report, contextJson } of members) union.add(report.context, contextJson.length);
  return JSON.stringify(union.value);
}

function open(item: PendingError, fingerprint: string): BatchGroup {
  const { level, environment } = item.report;
  return {
    fingerprint,
    members: [item],
    level,
    environments: environment === null ? [] : [environment],
  };
}

function join(group: BatchGroup, item: PendingError): void {
  const { level, environment } = item.report;
  group.members.push(item);
  if (SEVERITY[level] > SEVERITY[group.level]) group.level = level;
  if (environment !== null && !group.environments.includes(environment)) group.environments.push(environment);
}
