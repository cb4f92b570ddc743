import type { EndpointState } from '../database/entities/endpoint-status.entity.js';

/** The words that the outside world uses for a service’s health. */
export type ServiceHealth = 'healthy' | 'unhealthy' | 'unknown';

/** Sent when an endpoint’s state changes. */
export interface ServiceStatusChange {
  service: string;
  status: ServiceHealth;
  state: EndpointState;
  previous_state: EndpointState;
  endpoint_id: string;
  /** ISO 8601. */
  at: string;
  /** Whether it changes between good and bad too often to be believed. */
  flapping: boolean;
  /** Of an outage: ids of dead endpoints that it depends on, the nearest first. Empty when it has no such cause. */
  caused_by: string[];
}

/** Sent when a probe finds the health of an integration changed. */
export interface IntegrationStatusChange {
  service: string;
  status: ServiceHealth;
  /** Name of the integration. */
  integration: string;
  /** ISO 8601. */
  at: string;
}

/**
 * What processes tell each other, after commit. Payloads stay small (a PostgreSQL notification holds 8 kB):
 * ids, not rows; {@link MAX_IDS} of them at most.
 */
export interface BusEvents {
  'errors.created': { ids: string[] };
  /** Changed in a way that a list shows: reopened, unresolved, deleted from elsewhere. */
  'errors.updated': { ids: string[] };
  'errors.resolved': { ids: string[] };
  /** Merged or taken apart: reports may belong to other groups than before. */
  'errors.regrouped': { ids: string[] };
  /** Other rules hold on how errors are grouped. */
  'grouping.rules_changed': { version: number };
  /** Source maps of a program came or went. */
  'source_maps.changed': { source: string };
  'endpoint.status_changed': ServiceStatusChange;
  /** It has begun or ceased to flap; the state is that of before. */
  'endpoint.flapping_changed': ServiceStatusChange;
  'integration.status_changed': IntegrationStatusChange;
  /** Opened, changed, told something about, resolved or deleted. */
  'incident.changed': { ids: string[] };
  /** A section of the stored settings: read it anew. */
  'settings.changed': { name: string };
  /** A key or a session lost its rights: forget it, close its sockets. */
  'access.revoked': { kind: 'api_key' | 'session'; id: string };
}

export type BusEvent = keyof BusEvents;

/** Most ids in one bus message. */
export const MAX_IDS = 100;

/** The frames that sockets receive. */
export const SOCKET_EVENTS = [
  'new_error',
  'error_updated',
  'error_resolved',
  'service_status_change',
  'incident',
] as const;
export type SocketEvent = (typeof SOCKET_EVENTS)[number];
