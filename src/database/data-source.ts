import { DataSource, type DataSourceOptions } from 'typeorm';
import type { Client, ClientBase, PoolConfig } from 'pg';
import { ApiKey } from './entities/api-key.entity.js';
import { CheckDay } from './entities/check-day.entity.js';
import { CheckHour } from './entities/check-hour.entity.js';
import { CheckInMonitor } from './entities/check-in-monitor.entity.js';
import { Check } from './entities/check.entity.js';
import { EndpointCertificate } from './entities/endpoint-certificate.entity.js';
import { EndpointHeartbeat } from './entities/endpoint-heartbeat.entity.js';
import { EndpointRegionStatus } from './entities/endpoint-region-status.entity.js';
import { EndpointDay } from './entities/endpoint-day.entity.js';
import { EndpointMonth } from './entities/endpoint-month.entity.js';
import { EndpointStateInterval } from './entities/endpoint-state-interval.entity.js';
import { EndpointStatus } from './entities/endpoint-status.entity.js';
import { Endpoint } from './entities/endpoint.entity.js';
import { ErrorActivity } from './entities/error-activity.entity.js';
import { ErrorCount } from './entities/error-count.entity.js';
import { ErrorFacets } from './entities/error-facets.entity.js';
import { ErrorFigures } from './entities/error-figures.entity.js';
import { ErrorGroup } from './entities/error-group.entity.js';
import { ErrorHour } from './entities/error-hour.entity.js';
import { ErrorLastOccurrence } from './entities/error-last-occurrence.entity.js';
import { ErrorLedgerEntry } from './entities/error-ledger-entry.entity.js';
import { ErrorMuteSample } from './entities/error-mute-sample.entity.js';
import { ErrorOccurrence } from './entities/error-occurrence.entity.js';
import { ErrorSourceMinute } from './entities/error-source-minute.entity.js';
import { ErrorSpike } from './entities/error-spike.entity.js';
import { ErrorTagValue } from './entities/error-tag-value.entity.js';
import { ErrorTally } from './entities/error-tally.entity.js';
import { GroupingRuleSet } from './entities/grouping-rule-set.entity.js';
import { IdempotencyKey } from './entities/idempotency-key.entity.js';
import { IncidentEndpoint } from './entities/incident-endpoint.entity.js';
import { IncidentUpdate } from './entities/incident-update.entity.js';
import { Incident } from './entities/incident.entity.js';
import { Instance } from './entities/instance.entity.js';
import { IntegrationProbe } from './entities/integration-probe.entity.js';
import { Integration } from './entities/integration.entity.js';
import { MaintenanceProgress } from './entities/maintenance-progress.entity.js';
import { MaintenanceRevision } from './entities/maintenance-revision.entity.js';
import { MaintenanceWindow } from './entities/maintenance-window.entity.js';
import { MissedSlots } from './entities/missed-slots.entity.js';
import { NetworkWitness } from './entities/network-witness.entity.js';
import { PrivacyErasure } from './entities/privacy-erasure.entity.js';
import { Project } from './entities/project.entity.js';
import { Release } from './entities/release.entity.js';
import { RollupProgress } from './entities/rollup-progress.entity.js';
import { Session } from './entities/session.entity.js';
import { Setting } from './entities/setting.entity.js';
import { SourceMap } from './entities/source-map.entity.js';
import { StaleDay } from './entities/stale-day.entity.js';
import { SystemMetric } from './entities/system-metric.entity.js';
import { User } from './entities/user.entity.js';
import { WorkerProcess } from './entities/worker-process.entity.js';
import { InitialSchema1764000000000 } from './migrations/1764000000000-initial-schema.js';
import { Monitoring1764100000000 } from './migrations/1764100000000-monitoring.js';
import { Rollups1764100000010 } from './migrations/1764100000010-rollups.js';
import { Maintenance1764100000020 } from './migrations/1764100000020-maintenance.js';
import { Workers1764100000030 } from './migrations/1764100000030-workers.js';
import { Incidents1764100000031 } from './migrations/1764100000031-incidents.js';
import { Integrations1764100000040 } from './migrations/1764100000040-integrations.js';
import { Heartbeats1764100000050 } from './migrations/1764100000050-heartbeats.js';
import { ErrorTracking1764200000000 } from './migrations/1764200000000-error-tracking.js';
import { Projects1764200000010 } from './migrations/1764200000010-projects.js';
import { Grouping1764200000020 } from './migrations/1764200000020-grouping.js';
import { ErrorActivities1764200000030 } from './migrations/1764200000030-error-activities.js';
import { ErrorVolume1764200000060 } from './migrations/1764200000060-error-volume.js';
import { Versions1764200000070 } from './migrations/1764200000070-versions.js';
import { Settings1764200000050 } from './migrations/1764200000050-settings.js';
import { ErrorFigures1764200000040 } from './migrations/1764200000040-error-figures.js';
import { SourceMaps1764200000080 } from './migrations/1764200000080-source-maps.js';
import { ErrorLists1764200000090 } from './migrations/1764200000090-error-lists.js';
import type { StatementCounter } from './statement-counter.js';

export const ENTITIES = [
  ApiKey,
  Check,
  CheckDay,
  CheckHour,
  CheckInMonitor,
  Endpoint,
  EndpointCertificate,
  EndpointDay,
  EndpointHeartbeat,
  EndpointMonth,
  EndpointRegionStatus,
  EndpointStateInterval,
  EndpointStatus,
  ErrorActivity,
  ErrorCount,
  ErrorFacets,
  ErrorFigures,
  ErrorGroup,
  ErrorHour,
  ErrorLastOccurrence,
  ErrorLedgerEntry,
  ErrorMuteSample,
  ErrorOccurrence,
  ErrorSourceMinute,
  ErrorSpike,
  ErrorTagValue,
  ErrorTally,
  GroupingRuleSet,
  IdempotencyKey,
  Incident,
  IncidentEndpoint,
  IncidentUpdate,
  Instance,
  Integration,
  IntegrationProbe,
  MaintenanceProgress,
  MaintenanceRevision,
  MaintenanceWindow,
  MissedSlots,
  NetworkWitness,
  PrivacyErasure,
  Project,
  Release,
  RollupProgress,
  Session,
  Setting,
  SourceMap,
  StaleDay,
  SystemMetric,
  User,
  WorkerProcess,
];

const MIGRATIONS = [
  InitialSchema1764000000000,
  Monitoring1764100000000,
  Rollups1764100000010,
  Maintenance1764100000020,
  Workers1764100000030,
  Incidents1764100000031,
  Integrations1764100000040,
  Heartbeats1764100000050,
  ErrorTracking1764200000000,
  Projects1764200000010,
  ErrorFigures1764200000040,
  Grouping1764200000020,
  ErrorActivities1764200000030,
  ErrorVolume1764200000060,
  Versions1764200000070,
  Settings1764200000050,
  SourceMaps1764200000080,
  ErrorLists1764200000090,
];

/** How every connection of ours behaves: it gives up soon when the server is gone, and notices a dead peer. */
export const CONNECTION_DEFAULTS = {
  connectionTimeoutMillis: 2_000,
  query_timeout: 30_000,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
} satisfies PoolConfig;

/** Below `query_timeout`: the server is the first to give up, and undoes what it gives up. */
const STATEMENT_TIMEOUT_MS = 25_000;

export function dataSourceOptions(
  url: string,
  poolSize: number,
  counter?: StatementCounter,
): DataSourceOptions {
  return options(url, poolSize, { onConnect: limitStatements }, counter);
}

/** A data source for a one-off command, which may take its time. The caller initialises and destroys it. */
export function createDataSource(url: string): DataSource {
  const unlimited = {
    query_timeout: undefined,
    onConnect: (client: ClientBase) => client.query('SET statement_timeout = 0'),
  };
  return new DataSource(options(url, 2, unlimited));
}

interface PoolBehaviour extends Pick<PoolConfig, 'query_timeout'> {
  /** Awaited before the connection is used. */
  onConnect: (client: ClientBase) => Promise<unknown>;
}

function options(
  url: string,
  poolSize: number,
  pool: PoolBehaviour,
  logger?: StatementCounter,
): DataSourceOptions {
  return {
    type: 'postgres',
    url,
    entities: ENTITIES,
    migrations: MIGRATIONS,
    migrationsTableName: 'schema_migrations',
    migrationsTransactionMode: 'each',
    logger,
    poolSize,
    extra: { ...CONNECTION_DEFAULTS, application_name: 'watchkeep', ...pool },
  };
}

/**
 * The driver’s `query_timeout` only stops waiting: the statement runs on, may still be committed, and the busy
 * connection goes back to the pool. So the server has a limit of its own, and a connection that ran into the driver’s
 * limit nevertheless is closed. The limit is SET, not a startup parameter, because PgBouncer refuses those; in its
 * transaction mode the SET may miss a server connection, which leaves the closing.
 */
function limitStatements(client: ClientBase): Promise<unknown> {
  const query = client.query.bind(client) as (...parameters: unknown[]) => unknown;
  client.query = ((...parameters: unknown[]) => {
    const result = query(...parameters);
    if (result instanceof Promise) result.catch((error: Error) => closeAfterTimeout(client, error));
    return result;
  }) as typeof client.query;
  return client.query(`SET statement_timeout = ${STATEMENT_TIMEOUT_MS}`);
}

function closeAfterTimeout(client: ClientBase, error: Error): void {
  if (error.message === 'Query read timeout') void (client as Client).end().catch(() => undefined);
}
