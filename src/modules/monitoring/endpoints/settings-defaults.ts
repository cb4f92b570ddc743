import type { Endpoint } from '../../../database/entities/endpoint.entity.js';
import type { EndpointSecrets } from './endpoint-secrets.js';
import { NO_OPTIONS } from './kind-options.js';

type SealedColumns = 'headers_encrypted' | 'auth_encrypted' | 'secret_options_encrypted';
type ManagedColumns = 'id' | 'created_at' | 'updated_at' | 'push_token_hash' | 'managed_by';

/** What a person configures of an endpoint, as it is stored, with its secrets open. */
export type EndpointSettings = Omit<Endpoint, SealedColumns | ManagedColumns> & EndpointSecrets;

export const DEFAULTS: Omit<EndpointSettings, 'name'> = {
  group_name: null,
  kind: 'http',
  url: '',
  method: 'GET',
  headers: {},
  body: null,
  auth: null,
  interval_ms: 60_000,
  timeout_ms: 10_000,
  expected_status_codes: ['200-299'],
  retries: 1,
  retry_interval_ms: 10_000,
  failure_threshold: 2,
  recovery_threshold: 1,
  degraded_threshold_ms: null,
  follow_redirects: 5,
  verify_tls: true,
  ...NO_OPTIONS,
  assertions: [],
  regions: [],
  quorum: 'majority',
  depends_on: [],
  tags: [],
  public: true,
  enabled: true,
};

/** A heartbeat that did not come is sure: there is nothing to ask a second time. */
export const PUSH_DEFAULTS: Partial<EndpointSettings> = { retries: 0, failure_threshold: 1 };

/** Settings that mean something else, or nothing, for another kind. */
export const OF_ITS_KIND = [
  'method',
  'headers',
  'body',
  'auth',
  'expected_status_codes',
  'follow_redirects',
  'verify_tls',
  'options',
  'secret_options',
  'assertions',
] as const satisfies (keyof EndpointSettings)[];

export const NOTHING_STORED: EndpointSecrets = { headers: {}, auth: null, secret_options: {} };
