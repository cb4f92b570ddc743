import { userKey } from '../error-report.js';
import { type Tally, tallyOf } from '../tally.js';
import { type BatchGroup, mergedContextJson, type PendingError } from './error-batch.js';
import { separated } from './separated.js';

/** Joins the environments of one group: an array of arrays of unequal length is none to PostgreSQL. */
const WITHIN = '\u001d';

/** What a flush knows beside its groups. */
export interface FlushContext {
  /** A time that no other flush has: it marks the groups that this one reopened. ISO 8601. */
  flushedAt: string;
  /** Occurrences of a group that are kept a day before sampling begins. */
  budget: number;
  firstSeen: (source: string, release: string) => Date | undefined;
}

/** The occurrences of a flush in the order of their groups, with the places (from 1) of each. */
interface Order {
  items: PendingError[];
  inGroup: number[];
  inTally: number[];
  behind: number[];
  first: number[];
  newest: number[];
  tallies: Tally[];
}

/** The parameters of `STORE_ERRORS`. */
export function storeParameters(groups: readonly BatchGroup[], context: FlushContext): unknown[] {
  const order = orderOf(groups);
  return [
    context.flushedAt,
    context.flushedAt.slice(0, 10),
    context.budget,
    JSON.stringify(order.tallies),
    ...occurrenceColumns(order),
    ...groupColumns(groups, order, context),
    ...keyColumns(order.items),
  ];
}

function orderOf(groups: readonly BatchGroup[]): Order {
  const order: Order = {
    items: [],
    inGroup: [],
    inTally: [],
    behind: [],
    first: [],
    newest: [],
    tallies: [],
  };
  groups.forEach(({ members }, index) => {
    order.first.push(order.items.length + 1);
    const tally = tallies(members, order.tallies);
    members.forEach((member, place) => {
      order.items.push(member);
      order.inGroup.push(index + 1);
      order.inTally.push(tally(member));
      order.behind.push(members.length - 1 - place);
    });
    order.newest.push(order.items.length);
  });
  return order;
}

/** One tally for each fingerprint: reports of merged groups are told apart. Answers the place of a member’s. */
function tallies(members: readonly PendingError[], all: Tally[]): (member: PendingError) => number {
  const byFingerprint = new Map<string, PendingError[]>();
  for (const member of members) {
    const { fingerprint } = member.grouping;
    const same = byFingerprint.get(fingerprint);
    if (same) same.push(member);
    else byFingerprint.set(fingerprint, [member]);
  }
  const places = new Map<string, number>();
  for (const [fingerprint, same] of byFingerprint) {
    const reports = same.map(({ report }) => report);
    places.set(fingerprint, all.push(tallyOf(fingerprint, same[0]!.receivedAt.getTime(), reports)));
  }
  return ({ grouping }) => places.get(grouping.fingerprint)!;
}

function occurrenceColumns({ items, inGroup, inTally, behind }: Order): unknown[] {
  const column = (read: (item: PendingError) => string | null) => separated(items.map(read));
  return [
    column(({ id }) => id),
    column(({ receivedAt }) => receivedAt.toISOString()),
    column(({ report }) => report.level),
    column(({ report }) => report.message),
    column(({ report }) => report.stack_trace),
    column(({ contextJson }) => contextJson),
    column(({ report }) => report.environment),
    column(({ report }) => report.user_agent),
    column(({ report }) => report.ip_address),
    column(({ report }) => report.url),
    column(({ report }) => report.release),
    column(({ report }) => report.event_id),
    column(({ report }) => report.occurred_at && report.occurred_at.toISOString()),
    column(({ report }) => userKey(report)),
    column(({ report }) => (hasAny(report.tags) ? JSON.stringify(report.tags) : null)),
    column(({ report }) => report.details && JSON.stringify(report.details)),
    separated(inGroup),
    separated(inTally),
    column(({ mergedId }) => mergedId ?? null),
    separated(behind),
  ];
}

function groupColumns(groups: readonly BatchGroup[], { first, newest }: Order, context: FlushContext) {
  const column = (read: (group: BatchGroup, first: PendingError) => string | number | null) =>
    separated(groups.map((group) => read(group, group.members[0]!)));
  const releases = groups.map((group) => newestRelease(group, context));
  return [
    column((_, { id }) => id),
    column(({ fingerprint }) => fingerprint),
    column((_, { grouping }) => grouping.version),
    column((_, { grouping }) => grouping.text),
    column(({ level }) => level),
    column((_, { report }) => report.source),
    column(mergedContextJson),
    column(({ environments }) => (environments.length === 0 ? null : environments.join(WITHIN))),
    column(({ members }) => members.length),
    separated(first),
    separated(newest),
    column((_, { report }) => report.culprit),
    column((_, { report }) => report.platform),
    separated(releases.map((release) => release?.name ?? null)),
    separated(releases.map((release) => release?.at.toISOString() ?? null)),
  ];
}

function newestRelease({ members }: BatchGroup, { firstSeen }: FlushContext) {
  let newest: { name: string; at: Date } | undefined;
  for (const { report } of members) {
    if (report.release === null) continue;
    const at = firstSeen(report.source, report.release);
    if (at && (!newest || at > newest.at)) newest = { name: report.release, at };
  }
  return newest;
}

function keyColumns(items: readonly PendingError[]): unknown[] {
  const keyed = items.flatMap((item, index) => (item.once ? [{ ...item.once, number: index + 1 }] : []));
  return [
    separated(keyed.map(({ scope }) => scope)),
    separated(keyed.map(({ key }) => key)),
    separated(keyed.map(({ number }) => number)),
  ];
}

function hasAny(object: object): boolean {
  for (const _ in object) return true;
  return false;
}
