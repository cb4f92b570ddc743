import { z } from 'zod';
import { percent } from '../../common/percent.js';
import { HIDDEN } from '../../common/secret-box.js';
import type { Integration, IntegrationHealth } from '../../database/entities/integration.entity.js';
import type { IntegrationStatusChange } from '../../realtime/events.js';
import type { ServiceDto } from '../monitoring/services/dto/services.dto.js';
import type {
  IntegrationDto,
  IntegrationHealthDto,
  IntegrationKindDto,
  IntegrationStatus,
} from './dto/integration.dto.js';
import type { IntegrationKind } from './kinds/integration-kind.js';
import { INTEGRATION_KINDS, kindOf } from './kinds/integration-kinds.js';

/** An integration with the probes of the last day counted. */
export interface IntegrationRow extends Integration {
  succeeded: number;
  probed: number;
}

export type StatusFacts = Pick<Integration, 'name' | 'kind' | 'status' | 'status_since'>;

const STATUSES: Record<IntegrationHealth, IntegrationStatus> = {
  healthy: 'connected',
  unhealthy: 'disconnected',
  unknown: 'unknown',
};

const NEVER_PROBED: IntegrationHealthDto = {
  status: 'unknown',
  uptime_percent: null,
  response_time_ms: null,
  last_checked: null,
  error: null,
};

/** An integration as the API shows it. Secrets never leave; `secretFields` are those that are stored. */
export function integrationView(row: IntegrationRow, secretFields: readonly string[]): IntegrationDto {
  return {
    name: row.name,
    kind: row.kind,
    title: kindOf(row.kind)?.title ?? row.kind,
    configured: true,
    enabled: row.enabled,
    status: row.enabled ? STATUSES[row.status] : 'disabled',
    config: { ...row.settings, ...Object.fromEntries(secretFields.map((field) => [field, HIDDEN])) },
    health: healthView(row),
    last_test: row.last_checked_at,
    created_at: row.created_at,
    updated_at: row.updated_at,
  };
}

/** The kinds that no row is of. */
export function unconfigured(rows: readonly Integration[]): IntegrationDto[] {
  const known = new Set(rows.map((row) => row.kind));
  return INTEGRATION_KINDS.filter((kind) => !known.has(kind.name)).map(({ name, title }) => ({
    name,
    kind: name,
    title,
    configured: false,
    enabled: false,
    status: 'not_configured',
    config: {},
    health: NEVER_PROBED,
    last_test: null,
    created_at: null,
    updated_at: null,
  }));
}

/** An integration among the services that are watched. */
export function serviceView(row: IntegrationRow): ServiceDto {
  const { status, uptime_percent, response_time_ms, last_checked, error } = healthView(row);
  return {
    name: serviceName(row),
    status,
    uptime_percent,
    response_time_ms,
    last_checked,
    details: {
      integration: row.name,
      kind: row.kind,
      enabled: row.enabled,
      ...(error !== null && { error }),
    },
  };
}

/** Slack, or Slack (ops-room). */
function serviceName({ name, kind }: Pick<Integration, 'name' | 'kind'>): string {
  const title = kindOf(kind)?.title ?? kind;
  return name === kind ? title : `${title} (${name})`;
}

/** What is said of an integration whose health has changed. */
export function statusChange(row: StatusFacts): IntegrationStatusChange {
  return {
    service: serviceName(row),
    status: row.status,
    integration: row.name,
    at: row.status_since.toISOString(),
  };
}

function healthView(row: IntegrationRow): IntegrationHealthDto {
  return {
    status: row.status,
    uptime_percent: percent(row.succeeded, row.probed),
    response_time_ms: row.last_response_ms,
    last_checked: row.last_checked_at,
    error: row.last_error,
  };
}

export function kindView(kind: IntegrationKind): IntegrationKindDto {
  return { kind: kind.name, title: kind.title, proves: kind.proves, settings: schemaOf(kind) };
}

function schemaOf(kind: IntegrationKind): Record<string, unknown> {
  const schema = z.toJSONSchema(kind.settings, { io: 'input' });
  const properties = Object.entries(schema.properties ?? {}).map(([field, property]) => [
    field,
    kind.secrets.includes(field) ? { ...Object(property), writeOnly: true } : property,
  ]);
  return { ...schema, properties: Object.fromEntries(properties) as Record<string, unknown> };
}
