import type { ErrorLevel } from '../../../database/entities/error-group.entity.js';
import { ContextUnion } from './context-union.js';
import type { ErrorReport } from '../ingest/error-report.js';
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
  /** So that a repeated request counts once. */
  idempotency?: { scope: string; key: string };
}

/** What the reports of one flush add to one group. */
export interface BatchGroup {
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
export function groupBatch(items: readonly PendingError[]): BatchGroup[] {
  const groups = new Map<string, BatchGroup>();
  for (const item of items) {
    const group = groups.get(item.grouping.fingerprint);
    if (group) join(group, item);
    else groups.set(item.grouping.fingerprint, open(item));
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

function open(item: PendingError): BatchGroup {
  const { level, environment } = item.report;
  return {
    fingerprint: item.grouping.fingerprint,
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
