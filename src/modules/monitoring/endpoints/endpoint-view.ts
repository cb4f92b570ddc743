import { formatDuration } from '../../../common/duration.js';
import type { EndpointCertificate } from '../../../database/entities/endpoint-certificate.entity.js';
import type { EndpointHeartbeat } from '../../../database/entities/endpoint-heartbeat.entity.js';
import type { EndpointRegionStatus } from '../../../database/entities/endpoint-region-status.entity.js';
import type { EndpointStatus } from '../../../database/entities/endpoint-status.entity.js';
import type { Endpoint } from '../../../database/entities/endpoint.entity.js';
import { daysLeft } from '../checkers/certificate-facts.js';
import type { EndpointAuth } from '../checkers/checker.js';
import { uptimePercent } from '../statistics/uptime.js';
import type { EndpointAuthDto } from './dto/endpoint-settings.dto.js';
import type { CertificateDto, EndpointDto, HeartbeatDto, RegionStatusDto } from './dto/endpoint.dto.js';
import type { EndpointSecrets } from './endpoint-secrets.js';
import { HIDDEN, shownOptions } from './kind-options.js';

/** A row of another table inside a row: as JSON, its times are text. */
type Inner<Row> = {
  [Column in keyof Row]: Date extends Row[Column] ? string | Exclude<Row[Column], Date> : Row[Column];
};

type ShownStatus = Pick<
  EndpointStatus,
  | 'status'
  | 'status_since'
  | 'flapping'
  | 'held'
  | 'maintenance'
  | 'last_checked_at'
  | 'last_response_ms'
  | 'last_error'
  | 'next_check_at'
>;

/** An endpoint with what is known of it now. */
export interface EndpointRow extends Endpoint, ShownStatus {
  up_ms: number;
  known_ms: number;
  certificate: Inner<EndpointCertificate> | null;
  heartbeat: Inner<EndpointHeartbeat> | null;
  /** Null without regions, and while none has checked it. */
  region_states: Inner<EndpointRegionStatus>[] | null;
}

/** What is shown besides the row. */
export interface Surroundings {
  /** Undefined when they cannot be decrypted. */
  secrets: EndpointSecrets | undefined;
  blocked_by: string[];
  /** What stands before the token of a push address; undefined when the caller may not see it. */
  push_base: string | undefined;
  now: Date;
}

/** An endpoint as the API shows it. Secrets never leave, but for the address of a push endpoint. */
export function endpointView(row: EndpointRow, around: Surroundings): EndpointDto {
  const { secrets } = around;
  return {
    id: row.id,
    name: row.name,
    group: row.group_name,
    kind: row.kind,
    url: row.url === '' ? null : row.url,
    push_url: pushUrl(row, around),
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
    options: shownOptions(row.kind, row.options, secrets?.secret_options ?? {}),
    assertions: row.assertions,
    follow_redirects: row.follow_redirects,
    verify_tls: row.verify_tls,
    regions: row.regions,
    quorum: row.quorum,
    depends_on: row.depends_on,
    tags: row.tags,
    public: row.public,
    enabled: row.enabled,
    managed_by: row.managed_by,
    ...shownState(row, around),
    created_at: row.created_at,
    updated_at: row.updated_at,
  };
}

type ShownState = Pick<
  EndpointDto,
  | 'status'
  | 'status_since'
  | 'flapping'
  | 'held'
  | 'maintenance'
  | 'blocked_by'
  | 'last_error'
  | 'last_checked'
  | 'response_time_ms'
  | 'uptime_percent_24h'
  | 'next_check_at'
  | 'certificate'
  | 'regions_status'
  | 'heartbeat'
>;

function shownState(row: EndpointRow, { blocked_by, now }: Surroundings): ShownState {
  return {
    status: row.status,
    status_since: row.status_since,
    flapping: row.flapping,
    held: row.held,
    maintenance: row.maintenance,
    blocked_by,
    last_error: row.last_error,
    last_checked: row.last_checked_at,
    response_time_ms: row.last_response_ms,
    uptime_percent_24h: uptimePercent(row.up_ms, row.known_ms),
    next_check_at: row.next_check_at,
    certificate: row.certificate && certificateView(row.certificate, now),
    regions_status: row.regions.map((region) => regionView(region, row.region_states ?? [])),
    heartbeat: row.heartbeat && heartbeatView(row.heartbeat),
  };
}

function pushUrl({ kind }: EndpointRow, { secrets, push_base }: Surroundings): string | null {
  const token = secrets?.secret_options['push_token'];
  return kind === 'push' && push_base !== undefined && typeof token === 'string' ? push_base + token : null;
}

function certificateView(row: Inner<EndpointCertificate>, now: Date): CertificateDto {
  const valid_to = new Date(row.valid_to);
  return {
    subject: row.subject,
    issuer: row.issuer,
    names: row.names,
    valid_to,
    days_left: daysLeft({ valid_to: valid_to.getTime() }, now.getTime()),
    trusted: row.trusted,
    problem: row.problem,
  };
}

function regionView(region: string, states: readonly Inner<EndpointRegionStatus>[]): RegionStatusDto {
  const state = states.find((each) => each.region === region);
  return {
    region,
    status: state?.status ?? 'unknown',
    status_since: state ? new Date(state.status_since) : null,
    last_checked: timeOf(state?.last_checked_at),
    response_time_ms: state?.last_response_ms ?? null,
    last_error: state?.last_error ?? null,
  };
}

function heartbeatView(row: Inner<EndpointHeartbeat>): HeartbeatDto {
  return {
    last_ping_at: timeOf(row.last_ping_at),
    last_kind: row.last_kind,
    run_started_at: timeOf(row.run_started_at),
    last_duration_ms: row.last_duration_ms === null ? null : Number(row.last_duration_ms),
    last_exit_code: row.last_exit_code,
    last_message: row.last_message,
    expected_at: timeOf(row.expected_at),
  };
}

function timeOf(text: string | null | undefined): Date | null {
  return text ? new Date(text) : null;
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
