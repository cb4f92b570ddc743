import { parseDuration } from '../../../common/duration.js';
import { invalidField } from '../../../common/coded-exception.js';
import { validationFailed } from '../../../common/http/validation.js';
import type { EndpointKind } from '../../../database/entities/endpoint.entity.js';
import type { EndpointAuth } from '../checkers/checker.js';
import type {
  EndpointAuthDto,
  EndpointChangesDto,
  EndpointSettingsDto,
} from './dto/endpoint-settings.dto.js';
import type { EndpointSecrets } from './endpoint-secrets.js';
import { completeOptions, HIDDEN, type KindOptions, NO_OPTIONS, reveal } from './kind-options.js';
import {
  DEFAULTS,
  type EndpointSettings,
  NOTHING_STORED,
  OF_ITS_KIND,
  PUSH_DEFAULTS,
} from './settings-defaults.js';
import { completeAssertions, problemsOf } from './settings-problems.js';

/**
 * Complete settings; what is left out gets its default. `stored` are the secrets that markers may stand for.
 * @throws CodedException `VALIDATION_FAILED` when they do not go with the kind
 */
export function completeSettings(given: EndpointSettingsDto, stored = NOTHING_STORED): EndpointSettings {
  const kind = given.kind ?? DEFAULTS.kind;
  const defaults = { ...DEFAULTS, ...(kind === 'push' && PUSH_DEFAULTS), name: given.name };
  const options = completeOptions(kind, given.options ?? {}, NO_OPTIONS, stored.secret_options);
  return checked({ ...defaults, ...translate(given, stored), ...options });
}

/**
 * Settings with some of them changed. With another kind, everything that depends on it gets its default.
 * @throws CodedException `VALIDATION_FAILED` when they do not go with the kind
 */
export function changedSettings(current: EndpointSettings, changes: EndpointChangesDto): EndpointSettings {
  const kind = changes.kind ?? current.kind;
  const base = kind === current.kind ? current : { ...current, ...defaultsOfKind() };
  const options = changedOptions(kind, base, changes, current);
  return checked({ ...base, ...translate(changes, current), ...options });
}

/** Whether a request leaves secrets as they are stored, without naming them. */
export function hasMarkers({
  headers,
  auth,
  options,
}: Pick<EndpointChangesDto, 'headers' | 'auth' | 'options'>): boolean {
  return [
    ...Object.values(headers ?? {}),
    auth?.password,
    auth?.token,
    ...Object.values(options ?? {}),
  ].includes(HIDDEN);
}

function defaultsOfKind(): Partial<EndpointSettings> {
  return Object.fromEntries(OF_ITS_KIND.map((field) => [field, DEFAULTS[field]]));
}

/** Options that are not named stay; what a marker stands for is that of the same kind. */
function changedOptions(
  kind: EndpointKind,
  base: EndpointSettings,
  { options = {} }: EndpointChangesDto,
  current: EndpointSettings,
): KindOptions {
  if (kind === 'push') {
    // Its token is no option of a person’s.
    const { options: parsed } = completeOptions(kind, options, { ...base, secret_options: {} }, {});
    return { options: parsed, secret_options: base.secret_options };
  }
  return completeOptions(kind, options, base, kind === current.kind ? current.secret_options : {});
}

function checked(settings: EndpointSettings): EndpointSettings {
  const problems = problemsOf(settings);
  if (problems.length > 0) throw validationFailed(problems);
  return { ...settings, assertions: completeAssertions(settings.assertions) };
}

/** From the words of the API to those of the table. What is not given stays away. */
function translate(given: EndpointChangesDto, stored: EndpointSecrets): Partial<EndpointSettings> {
  return withoutUndefined<EndpointSettings>({
    name: given.name?.trim(),
    group_name: given.group,
    kind: given.kind,
    url: given.url === null ? '' : given.url,
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
    assertions: given.assertions,
    regions: given.regions && [...new Set(given.regions)],
    quorum: given.quorum,
    depends_on: given.depends_on && [...new Set(given.depends_on.map((id) => id.toLowerCase()))],
    tags: given.tags && [...new Set(given.tags)],
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

/** A push endpoint has an address of its own and no server: nothing of it would go with another kind. */
export function assertKindMayChange(before: EndpointKind, after: EndpointKind): void {
  if (before === after || (before !== 'push' && after !== 'push')) return;
  throw invalidField('kind', 'cannot change to or from push: make another endpoint');
}
