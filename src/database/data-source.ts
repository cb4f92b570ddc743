import { DataSource, type DataSourceOptions } from 'typeorm';
import type { PoolConfig } from 'pg';
import { ApiKey } from './entities/api-key.entity.js';
import { Check } from './entities/check.entity.js';
import { EndpointStateInterval } from './entities/endpoint-state-interval.entity.js';
import { EndpointStatus } from './entities/endpoint-status.entity.js';
import { Endpoint } from './entities/endpoint.entity.js';
import { ErrorGroup } from './entities/error-group.entity.js';
import { ErrorOccurrence } from './entities/error-occurrence.entity.js';
import { IdempotencyKey } from './entities/idempotency-key.entity.js';
import { Instance } from './entities/instance.entity.js';
import { Session } from './entities/session.entity.js';
import { SystemMetric } from './entities/system-metric.entity.js';
import { User } from './entities/user.entity.js';
import { InitialSchema1764000000000 } from './migrations/1764000000000-initial-schema.js';
import type { StatementCounter } from './statement-counter.js';

export const ENTITIES = [
  ApiKey,
  Check,
  Endpoint,
  EndpointStateInterval,
  EndpointStatus,
  ErrorGroup,
  ErrorOccurrence,
  IdempotencyKey,
  Instance,
  Session,
  SystemMetric,
  User,
];

const MIGRATIONS = [InitialSchema1764000000000];

/** How every connection of ours behaves: it gives up soon when the server is gone, and notices a dead peer. */
export const CONNECTION_DEFAULTS = {
  connectionTimeoutMillis: 2_000,
  query_timeout: 30_000,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
} satisfies PoolConfig;

export function dataSourceOptions(
  url: string,
  poolSize: number,
  counter?: StatementCounter,
): DataSourceOptions {
  return {
    type: 'postgres',
    url,
    entities: ENTITIES,
    migrations: MIGRATIONS,
    migrationsTableName: 'schema_migrations',
    migrationsTransactionMode: 'each',
    logger: counter,
    poolSize,
    extra: { ...CONNECTION_DEFAULTS, application_name: 'watchkeep' },
  };
}

/** A data source for a one-off command. The caller initialises and destroys it. */
export function createDataSource(url: string): DataSource {
  return new DataSource(dataSourceOptions(url, 2));
}
