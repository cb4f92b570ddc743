import { formatDuration } from '../../../common/duration.js';
import type { Endpoint } from '../../../database/entities/endpoint.entity.js';
import type { EndpointState } from '../../../database/entities/endpoint-status.entity.js';
import type { EndpointAuth } from '../checkers/checker.js';
import type { EndpointAuthDto } from './dto/endpoint-settings.dto.js';
import type { EndpointDto } from './dto/endpoint.dto.js';
import type { EndpointSecrets } from './endpoint-secrets.js';
import { HIDDEN } from './endpoint-settings.js';
import { uptimePercent } from '../statistics/uptime.js';

/** An endpoint with what is known of it now. */
export interface EndpointRow extends Endpoint {
  status: EndpointState;
  last_checked_at: Date | null;
  last_response_ms: number | null;
  next_check_at: Date | null;
  up_ms: number;
  known_ms: number;
}

/** An endpoint as the API shows it. Secrets never leave. */
export function endpointView(row: EndpointRow, secrets: EndpointSecrets | undefined): EndpointDto {
  return {
    id: row.id,
    name: row.name,
    group: row.group_name,
    kind: row.kind,
    url: row.url,
    method: row.method,
    headers: Object.fromEntries(Object.keys(secrets?.headers ?? {}).map((name) => [name, HIDDEN])),
    body: row.body,
    auth: hiddenAuth(secrets?.auth ?? null),
    interval: formatDuration(row.interval_ms),
    timeout: formatDuration(row.timeout_ms),
    expected_status_codes: row.expected_status_codes,
    retries: row.retries,
    retry_interval: formatDuration(row.retry_interval_ms),
    failure_threshold: row.failure_threshold,
    recovery_threshold: row.recovery_threshold,
    degraded_threshold_ms: row.degraded_threshold_ms,
    assertions: [],
    follow_redirects: row.follow_redirects,
    verify_tls: row.verify_tls,
    regions: [],
    quorum: 'majority',
    depends_on: [],
    tags: row.tags,
    public: row.public,
    enabled: row.enabled,
    status: row.status,
    last_checked: row.last_checked_at,
    response_time_ms: row.last_response_ms,
    uptime_percent_24h: uptimePercent(row.up_ms, row.known_ms),
    next_check_at: row.next_check_at,
    created_at: row.created_at,
    updated_at: row.updated_at,
  };
}

function hiddenAuth(auth: EndpointAuth | null): EndpointAuthDto | null {
  switch (auth?.type) {
    case 'basic':
      return { type: 'basic', username: auth.username, password: HIDDEN };
    case 'bearer':
      return { type: 'bearer', token: HIDDEN };
    case undefined:
      return null;
  }
}
