import { invalidField } from '../../../common/coded-exception.js';
import { parseDuration } from '../../../common/duration.js';
import type { Endpoint } from '../../../database/entities/endpoint.entity.js';
import type { EndpointAuth } from '../checkers/checker.js';
import type {
  EndpointAuthDto,
  EndpointChangesDto,
  EndpointSettingsDto,
} from './dto/endpoint-settings.dto.js';
import type { EndpointSecrets } from './endpoint-secrets.js';

/** Stands for a stored secret in answers; sent back, it keeps what is stored. */
export const HIDDEN = '[hidden]';

type SealedColumns = 'headers_encrypted' | 'auth_encrypted' | 'secret_options_encrypted';
type ManagedColumns = 'id' | 'created_at' | 'updated_at' | 'push_token_hash' | 'managed_by';

/** What a person configures of an endpoint, as it is stored, with its secrets open. */
export type EndpointSettings = Omit<Endpoint, SealedColumns | ManagedColumns> & EndpointSecrets;

const DEFAULTS: Omit<EndpointSettings, 'name' | 'url'> = {
  group_name: null,
  kind: 'http',
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
  options: { max_body_kb: 1_024 },
  secret_options: {},
  assertions: [],
  regions: [],
  quorum: 'majority',
  depends_on: [],
  tags: [],
  public: true,
  enabled: true,
};

export const NOTHING_STORED: EndpointSecrets = { headers: {}, auth: null, secret_options: {} };

/** Complete settings; what is left out gets its default. `stored` are the secrets that markers may stand for. */
export function completeSettings(given: EndpointSettingsDto, stored = NOTHING_STORED): EndpointSettings {
  const { name, url } = given;
  return { ...DEFAULTS, name, url, ...translate(given, stored) };
}

/** Settings with some of them changed. */
export function changedSettings(current: EndpointSettings, changes: EndpointChangesDto): EndpointSettings {
  return { ...current, ...translate(changes, current) };
}

/** Whether a request leaves secrets as they are stored, without naming them. */
export function hasMarkers({ headers, auth }: Pick<EndpointChangesDto, 'headers' | 'auth'>): boolean {
  return [...Object.values(headers ?? {}), auth?.password, auth?.token].includes(HIDDEN);
}

/** From the words of the API to those of the table. What is not given stays away. */
function translate(given: EndpointChangesDto, stored: EndpointSecrets): Partial<EndpointSettings> {
  return withoutUndefined<EndpointSettings>({
    name: given.name?.trim(),
    group_name: given.group,
    kind: given.kind,
    url: given.url,
    method: given.method,
    headers: given.headers && revealHeaders(given.headers, stored.headers),
    body: given.body,
    auth: given.auth && revealAuth(given.auth, stored.auth),
    interval_ms: milliseconds(given.interval),
    timeout_ms: milliseconds(given.timeout),
    expected_status_codes: given.expected_status_codes,
    retries: given.retries,
    retry_interval_ms: milliseconds(given.retry_interval),
    failure_threshold: given.failure_threshold,
    recovery_threshold: given.recovery_threshold,
    degraded_threshold_ms: given.degraded_threshold_ms,
    follow_redirects: given.follow_redirects,
    verify_tls: given.verify_tls,
    tags: given.tags,
    public: given.public,
    enabled: given.enabled,
  });
}

function milliseconds(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDuration(text);
}

function withoutUndefined<T extends object>(given: { [Key in keyof T]?: T[Key] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function revealHeaders(
  given: Record<string, string>,
  stored: Record<string, string>,
): Record<string, string> {
  const known = new Map(Object.entries(stored).map(([name, value]) => [name.toLowerCase(), value]));
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      reveal(value, known.get(name.toLowerCase()), `headers.${name}`),
    ]),
  );
}

function revealAuth(given: EndpointAuthDto, stored: EndpointAuth | null): EndpointAuth {
  switch (given.type) {
    case 'basic': {
      const known = stored?.type === 'basic' ? stored.password : undefined;
      return {
        type: 'basic',
        username: given.username!,
        password: reveal(given.password!, known, 'auth.password'),
      };
    }
    case 'bearer': {
      const known = stored?.type === 'bearer' ? stored.token : undefined;
      return { type: 'bearer', token: reveal(given.token!, known, 'auth.token') };
    }
  }
}

function reveal(given: string, known: string | undefined, field: string): string {
  if (given !== HIDDEN) return given;
  if (known !== undefined) return known;
  throw invalidField(field, `has no stored value that ${HIDDEN} could stand for`);
}
