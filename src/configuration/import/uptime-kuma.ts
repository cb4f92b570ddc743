import {
  asList,
  asRecord,
  asText,
  compact,
  type Imported,
  type ImportedEndpoint,
  uniqueNames,
  withoutCredentials,
} from './imported.js';
import { lossesOf, numbersOf, unusable } from './uptime-kuma-losses.js';
import { headersOf, type Monitor, resolversOf } from './uptime-kuma-monitor.js';

/** Whether a document is a backup of Uptime Kuma (Settings → Backup → Export). */
export function isUptimeKumaBackup(document: unknown): boolean {
  return Array.isArray(asRecord(document)['monitorList']);
}

/** Takes over the monitors of a backup. Notifications are not in it in a form that could be sent to. */
export function importUptimeKuma(backup: unknown): Imported {
  const monitors = asList(asRecord(backup)['monitorList']).map(asRecord);
  const names = new Map(monitors.map((monitor) => [monitor['id'], asText(monitor['name'])]));
  const warnings: string[] = [];
  const endpoints = monitors.flatMap((monitor): ImportedEndpoint[] => {
    if (monitor['type'] === 'group') return [];
    const own = KINDS[String(monitor['type'])]?.(monitor);
    const name = asText(monitor['name']) ?? 'Unnamed';
    if (!own) {
      warnings.push(`${name}: ${unusable(monitor)}`);
      return [];
    }
    warnings.push(...lossesOf(monitor).map((words) => `${name}: ${words}`));
    return [{ name, ...common(monitor, names), ...own }];
  });
  return { document: { version: 1, endpoints: uniqueNames(endpoints, warnings) }, warnings };
}

/** What is the same for every type. Uptime Kuma is down after `maxretries` repeats: so is an endpoint with these. */
function common(monitor: Monitor, names: ReadonlyMap<unknown, string | undefined>): Record<string, unknown> {
  const { interval, timeout, maxretries, retryInterval } = numbersOf(monitor);
  return compact({
    group: names.get(monitor['parent']),
    interval: `${interval.taken}s`,
    timeout: `${timeout.taken}s`,
    retries: maxretries.taken,
    retry_interval: `${retryInterval.taken}s`,
    failure_threshold: 1,
    enabled: monitor['active'] !== false && monitor['active'] !== 0,
    tags: asList(monitor['tags']).map(asRecord).flatMap(tagWords),
  });
}

const KINDS: Readonly<Record<string, (monitor: Monitor) => Record<string, unknown> | undefined>> = {
  http: (monitor) => http(monitor, []),
  keyword: (monitor) =>
    http(monitor, [
      {
        type: 'body',
        operator: monitor['invertKeyword'] ? 'not_contains' : 'contains',
        value: asText(monitor['keyword']) ?? '',
      },
    ]),
  'json-query': (monitor) => {
    const path = asText(monitor['jsonPath']) ?? '$';
    const value = asText(monitor['expectedValue']) ?? '';
    return http(monitor, [
      { type: 'json', path: path.startsWith('$') ? path : `$.${path}`, operator: 'equals', value },
    ]);
  },
  port: (monitor) => ({ kind: 'tcp', url: `tcp://${bracketed(monitor)}:${Number(monitor['port'])}` }),
  ping: (monitor) => ({ kind: 'ping', url: `ping://${bracketed(monitor)}` }),
  dns: (monitor) => ({
    kind: 'dns',
    url: `dns://${asText(monitor['hostname']) ?? ''}`,
    options: compact({
      record_type: asText(monitor['dns_resolve_type']),
      resolver: resolverOf(monitor),
    }),
  }),
  push: () => ({ kind: 'push', timeout: undefined, retries: undefined, retry_interval: undefined }),
  postgres: (monitor) => database(monitor, 'postgres'),
  redis: (monitor) => database(monitor, 'redis'),
};

function http(monitor: Monitor, assertions: unknown[]): Record<string, unknown> {
  const { url, auth } = withoutCredentials(asText(monitor['url']));
  return compact({
    url,
    method: asText(monitor['method']),
    headers: withContentType(monitor),
    body: asText(monitor['body']),
    auth: authOf(monitor) ?? auth,
    expected_status_codes: monitor['accepted_statuscodes'],
    follow_redirects: monitor['maxredirects'],
    verify_tls: !monitor['ignoreTls'],
    assertions: assertions.length > 0 ? assertions : undefined,
  });
}

function authOf(monitor: Monitor): unknown {
  const username = asText(monitor['basic_auth_user']);
  if (!username || (monitor['authMethod'] && monitor['authMethod'] !== 'basic')) return undefined;
  return { type: 'basic', username, password: asText(monitor['basic_auth_pass']) ?? '' };
}

/** A connection string holds the credentials; here they stand apart, where they are kept secret. */
function database(monitor: Monitor, kind: 'postgres' | 'redis'): Record<string, unknown> | undefined {
  const text = asText(monitor['databaseConnectionString']);
  if (!text || !URL.canParse(text)) return undefined;
  const { url, auth } = withoutCredentials(text);
  const query = asText(monitor['databaseQuery']);
  return compact({
    kind,
    url: url!.replace(/\?.*$/, ''),
    auth,
    options: kind === 'postgres' && query ? { query } : undefined,
  });
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  json: 'application/json',
  form: 'application/x-www-form-urlencoded',
  xml: 'text/xml; charset=utf-8',
};

/** Uptime Kuma names the type of a body itself, JSON unless it was told otherwise; headers that are written win. */
function withContentType(monitor: Monitor): Record<string, string> | undefined {
  const headers = headersOf(monitor['headers']);
  const type = CONTENT_TYPES[asText(monitor['httpBodyEncoding']) ?? 'json'];
  const isNamed = Object.keys(headers ?? {}).some((name) => name.toLowerCase() === 'content-type');
  if (!asText(monitor['body']) || !type || isNamed) return headers;
  return { 'Content-Type': type, ...headers };
}

function resolverOf(monitor: Monitor): string | undefined {
  const [server] = resolversOf(monitor);
  if (!server) return undefined;
  const port = Number(monitor['port']) || 53;
  return server.includes(':') ? `[${server}]:${port}` : `${server}:${port}`;
}

function bracketed(monitor: Monitor): string {
  const host = asText(monitor['hostname']) ?? '';
  return host.includes(':') ? `[${host}]` : host;
}

function tagWords({ name, value }: Record<string, unknown>): string[] {
  const label = asText(name);
  if (!label) return [];
  const detail = asText(value);
  return [(detail ? `${label}:${detail}` : label).slice(0, 50)];
}
